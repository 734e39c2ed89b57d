// Everybody, a page at a time; and one of them.

import { ask } from "./command.js";
import { button, busy, english, failure, field, h, heading, replace, say, table } from "./elements.js";
import { labelsOf, waysOf } from "./labels.js";
import { person } from "./person.js";
import { day, number, t } from "./texts.js";

const AT_ONCE = 50;
// How long a search waits for the next key, in milliseconds.
const PAUSE = 200;

// What was looked for last is there again on the way back from one person. `pages` has the last name of each page before.
const state = { search: "", suspended: false, pages: [] };

const link = (name, shown) => h("a", { href: `#/people/${encodeURIComponent(name)}` }, shown);

export function people(content, path) {
    // The name of an account of a host of the fleet has a slash.
    const name = path.join("/");
    return name ? person(content, name, "people") : everybody(content);
}

function everybody(content) {
    let asked = 0;
    let timer = null;
    const rows = h("div", {}, busy());
    const count = h("span", { class: "count" });
    const search = h("input", { type: "search", value: state.search, autocomplete: "off", spellcheck: "false", oninput: typed });
    const only = h("select", { onchange: chosen }, h("option", { value: "" }, t("outcome-all")),
        h("option", { value: "suspended", selected: state.suspended }, t("suspended")));
    const turn = (text, to) => button(t(text), () => turned(to), "secondary", { disabled: true });
    const back = turn("previous", () => state.pages.pop());
    const on = turn("next", last => state.pages.push(last));
    let last = "";

    replace(content, heading(t("section-people")),
        h("div", { class: "toolbar", role: "search" }, field(t("search-name"), search), field(t("state"), only),
            h("div", { class: "pages" }, count, back, on)), rows);
    look();
    return () => window.clearTimeout(timer);

    function typed() {
        window.clearTimeout(timer);
        timer = window.setTimeout(() => {
            state.search = search.value;
            state.pages = [];
            look();
        }, PAUSE);
    }

    function chosen() {
        state.suspended = only.value !== "";
        state.pages = [];
        look();
    }

    async function turned(to) {
        to(last);
        await look();
        rows.querySelector("a")?.focus();
    }

    async function look() {
        const this_one = ++asked;
        const after = state.pages.at(-1);
        try {
            const page = await ask(["admin", "users", "--json", `--page-size=${AT_ONCE}`, `--search=${state.search}`,
                ...(state.suspended ? ["--suspended"] : []), ...(after ? [`--after=${after}`] : [])]);
            // What was typed since then counts.
            if (this_one === asked)
                drawn(page);
        } catch (error) {
            if (this_one === asked)
                replace(rows, failure(error));
        }
    }

    function drawn({ users, matching, more }) {
        last = users.at(-1)?.name ?? "";
        back.disabled = state.pages.length === 0;
        on.disabled = !more;
        const first = state.pages.length * AT_ONCE;
        const told = t("of-accounts", {
            from: number(users.length > 0 ? first + 1 : 0), to: number(first + users.length), all: number(matching),
        });
        replace(count, told);
        say(told);
        if (users.length === 0) {
            // A directory may have it, and is not asked who there is.
            replace(rows, h("p", { class: "empty" }, t(state.search ? "nobody-found" : "none")),
                state.search && h("p", { class: "empty" }, link(state.search, t("look-up", { name: state.search }))));
            return;
        }
        replace(rows, table(t("section-people"), [t("name"), t("ways"), t("confirmed"), t("state")], users.map(user => [
            link(user.name, english(user.name)), waysOf(user).join(", ") || "–", user.confirmed == null ? "–" : day(user.confirmed), labelsOf(user),
        ])));
    }
}
