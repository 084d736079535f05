// Theme and row height: an attribute now, a cookie for the next page.
const YEAR = 365 * 24 * 60 * 60;

function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
}

export function preferences(root) {
  const html = root.documentElement;
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) {
      html.dataset.theme = html.dataset.theme === "dark" ? "light" : "dark";
      keep("hufu_theme", html.dataset.theme);
      root.dispatchEvent(new CustomEvent("hufu:theme"));
    }
    if (event.target.closest("[data-density-switch]")) {
      if (html.dataset.density) delete html.dataset.density;
      else html.dataset.density = "compact";
      keep("hufu_density", html.dataset.density || "roomy");
    }
  });
}
