// The page: its sections, which of them the address names, and the look and the language of Cockpit.

import { audit } from "./audit.js";
import { doctor } from "./doctor.js";
import { h, replace } from "./elements.js";
import { importing } from "./import.js";
import { messages } from "./messages.js";
import { people } from "./people.js";
import { report } from "./report.js";
import { settings } from "./settings.js";
import { language, load, t } from "./texts.js";
import { follow } from "./theme.js";

// A section shows itself in an element, and may return what ends it.
const SECTIONS = { people, report, audit, doctor, messages, import: importing, settings };
const FIRST = "people";

const content = document.getElementById("content");
let shown = null;
let end = () => {};

function links(current) {
    const link = id => h("li", {}, h("a", { href: `#/${id}`, "aria-current": id === current && "page" }, t(`section-${id}`)));
    replace(document.getElementById("sections"), h("ul", {}, Object.keys(SECTIONS).map(link)));
}

function show() {
    const [wanted, ...rest] = cockpit.location.path;
    const id = wanted in SECTIONS ? wanted : FIRST;
    const place = JSON.stringify([id, rest]);
    // The section itself has written its search into the address.
    if (place === shown)
        return;
    const moved = shown !== null;
    shown = place;
    end();
    links(id);
    replace(content);
    end = SECTIONS[id](content, rest) || (() => {});
    if (moved)
        content.focus();
}

async function start() {
    follow();
    await load();
    document.documentElement.lang = language();
    document.title = t("title");
    document.getElementById("sections").setAttribute("aria-label", t("title"));
    // Cockpit loads a page again once it has more rights or fewer.
    cockpit.permission({ admin: true });
    cockpit.addEventListener("locationchanged", show);
    show();
}

start();
