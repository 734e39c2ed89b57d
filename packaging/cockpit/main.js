// The page: its sections, which of them the address names, and the look and the language of Cockpit.

import { audit } from "./audit.js";
import { withoutRoot } from "./command.js";
import { desk, membership } from "./desk.js";
import { doctor } from "./doctor.js";
import { alert, busy, failure, h, heading, replace } from "./elements.js";
import { importing } from "./import.js";
import { messages } from "./messages.js";
import { people } from "./people.js";
import { report } from "./report.js";
import { settings } from "./settings.js";
import { language, load, t } from "./texts.js";
import { follow } from "./theme.js";

// A section shows itself in an element, and may return what ends it.
const OF_ROOT = { people, report, audit, doctor, messages, import: importing, settings };
const OF_THE_DESK = { desk };

const content = document.getElementById("content");
let sections = OF_ROOT;
let shown = null;
let end = () => {};

function links(current) {
    const link = id => h("li", {}, h("a", { href: `#/${id}`, "aria-current": id === current && "page" }, t(`section-${id}`)));
    replace(document.getElementById("sections"), h("ul", {}, Object.keys(sections).map(link)));
}

function show() {
    const [wanted, ...rest] = cockpit.location.path;
    const id = Object.hasOwn(sections, wanted) ? wanted : Object.keys(sections)[0];
    const place = JSON.stringify([id, rest]);
    // The section itself has written its search into the address.
    if (place === shown)
        return;
    const moved = shown !== null;
    shown = place;
    end();
    links(id);
    replace(content);
    end = sections[id](content, rest) || (() => {});
    if (moved)
        content.focus();
}

// Whether the user has administrative access, as soon as Cockpit knows.
function isRoot() {
    // Cockpit loads a page again once it has more rights or fewer.
    const permission = cockpit.permission({ admin: true });
    return new Promise(resolve => {
        const told = () => permission.allowed !== null && resolve(permission.allowed);
        permission.addEventListener("changed", told);
        told();
    });
}

// What there is for the user; nothing for somebody with no rights, who reads what is missing.
async function open() {
    replace(content, busy());
    if (!await isRoot()) {
        withoutRoot();
        const why = await membership();
        if (why) {
            replace(content, heading(t("title")), why instanceof Error ? failure(why)
                : alert("warning", t("no-rights"), h("p", {}, t("no-rights-fix")), h("p", {}, t("desk-instead"))));
            return;
        }
        sections = OF_THE_DESK;
    }
    cockpit.addEventListener("locationchanged", show);
    show();
}

async function start() {
    follow();
    await load();
    document.documentElement.lang = language();
    document.title = t("title");
    document.getElementById("sections").setAttribute("aria-label", t("title"));
    open();
}

start();
