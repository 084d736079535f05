// Bars over days. A chart is drawn from the table beside it: data-chart names that table.
const COLOURS = ["--green", "--amber", "--red", "--blue"];

function read(table) {
  const heads = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
  const lines = [...table.querySelectorAll("tbody tr")].map((row) => [...row.children].map((cell) => cell.textContent.trim()));
  return { heads, lines };
}

function picture(root, { heads, lines }) {
  const style = getComputedStyle(root.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  return {
    animation: false,
    color: COLOURS.map(colour),
    grid: { left: 44, right: 8, top: 10, bottom: 22 },
    xAxis: { type: "category", data: lines.map((line) => line[0]), axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: colour("--ink-3"), fontSize: 11 } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: colour("--line-soft") } }, axisLabel: { color: colour("--ink-3"), fontSize: 11 } },
    series: heads.slice(1).map((name, at) => ({ name, type: "bar", stack: "all", barMaxWidth: 22, data: lines.map((line) => Number(line[at + 1].replaceAll(",", ""))) })),
  };
}

function legend(root, heads) {
  const list = root.createElement("ul");
  list.className = "legend";
  for (const name of heads.slice(1)) {
    const item = root.createElement("li");
    item.textContent = name;
    list.append(item);
  }
  return list;
}

export function charts(root) {
  if (!window.echarts) return;
  for (const place of root.querySelectorAll("[data-chart]")) {
    const table = root.getElementById(place.dataset.chart);
    place.before(legend(root, read(table).heads));
    const chart = window.echarts.init(place, null, { renderer: "canvas" });
    const draw = () => chart.setOption(picture(root, read(table)), true);
    draw();
    root.addEventListener("hufu:theme", draw);
    window.addEventListener("resize", () => chart.resize());
  }
}
