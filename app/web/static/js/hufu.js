// Starts the small behaviours of the pages. Every page works without them.
import { preferences } from "./preferences.js";
import { keys } from "./keys.js";
import { dialogs } from "./dialogs.js";
import { mend } from "./mend.js";
import { drawer } from "./drawer.js";
import { drafts } from "./drafts.js";
import { copies } from "./copies.js";
import { lists } from "./lists.js";
import { charts } from "./charts.js";
import { rows } from "./rows.js";
import { gradings } from "./gradings.js";
import { securityKeys } from "./security_keys.js";

for (const start of [preferences, keys, dialogs, mend, drawer, drafts, copies, lists, charts, rows, gradings, securityKeys]) start(document);
