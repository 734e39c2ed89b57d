// Contacts from a file: checked first, with each row that can't be imported; then imported.

import { watchTo } from "./command.js";
import { alert, button, card, dialog, doing, english, field, h, heading, replace, say, table } from "./elements.js";
import { number, t } from "./texts.js";

// So many rows are shown.
const MOST = 500;

export function importing(content) {
    const place = h("div");
    const file = h("input", { type: "file", required: true, accept: ".csv,.txt,.tsv,.json,.ldif,.ldf,text/*,application/json", onchange: anew });
    const replaces = h("input", { type: "checkbox", onchange: anew });
    const ignores = h("input", { type: "checkbox", onchange: anew });
    const map = h("textarea", { rows: 2, spellcheck: "false", autocomplete: "off", dir: "ltr", oninput: anew });
    const check = button(t("check-file"), undefined, "primary", { type: "submit" });
    const choice = (input, text) => h("label", { class: "choice" }, input, text);
    const submit = event => {
        event.preventDefault();
        doing(check, place, checked);
    };
    replace(content, heading(t("section-import")), card(null, h("form", { onsubmit: submit },
        field(t("file"), file, t("import-help")), choice(replaces, t("import-replace")), choice(ignores, t("import-ignore")),
        field(t("import-map"), map, t("import-map-help")), check), place));

    function anew() {
        replace(place);
    }

    const options = () => [
        ...(replaces.checked ? ["--replace"] : []), ...(ignores.checked ? ["--ignore=*"] : []),
        ...map.value.split("\n").map(line => line.trim()).filter(Boolean).map(line => `--map=${line}`),
    ];

    async function send(more) {
        const bytes = new Uint8Array(await file.files[0].arrayBuffer());
        const rows = Math.max(1, bytes.reduce((lines, byte) => lines + (byte === 10), 0));
        const bar = h("progress", { max: rows, value: 0, "aria-label": t("section-import") });
        const count = h("span", { class: "count" });
        replace(place, h("p", { class: "busy" }, bar, count));
        const { output, said } = await watchTo(["admin", "import", "--json", "--progress", ...options(), ...more, "--", "-"], bytes, line => {
            const { checked } = JSON.parse(line);
            bar.value = Math.min(checked, rows);
            replace(count, t("rows-checked", { count: number(checked) }));
        });
        if (!output.trim())
            throw new Error(said.replace(/^sspr: /gm, ""));
        return JSON.parse(output);
    }

    async function checked() {
        const outcome = await send(["--dry-run"]);
        const bad = outcome.faults.length;
        const told = t("checked", { good: number(outcome.imported), unchanged: number(outcome.unchanged), bad: number(bad) });
        const go = button(t(bad > 0 ? "import-others" : "import-do", { count: number(outcome.imported) }), () => doing(go, place, () => write(outcome)),
            "primary");
        replace(place, alert(bad > 0 ? "warning" : "success", told,
            outcome.replaced > 0 && h("p", {}, t("import-replaces", { count: number(outcome.replaced) })),
            outcome.read_as && h("p", {}, english(outcome.read_as)),
            outcome.imported > 0 && !outcome.usable && h("p", {}, t("import-unconfirmed"))),
            outcome.imported > 0 && h("p", { class: "acts" }, go), faults(outcome), read(outcome));
        say(told);
    }

    async function write({ replaced, faults: bad }) {
        if (replaced > 0 && !await dialog(t("import-do-title"), h("p", {}, t("import-replaces", { count: number(replaced) })), t("import-go"),
            async () => true))
            return;
        const outcome = await send(["--yes", ...(bad.length > 0 ? ["--keep-going"] : [])]);
        const told = t("imported", { count: number(outcome.imported), bad: number(outcome.faults.length) });
        replace(place, alert(outcome.faults.length > 0 ? "warning" : "success", told), faults(outcome));
        say(told);
    }
}

function faults({ faults }) {
    if (faults.length === 0)
        return null;
    return h("section", {}, h("h2", {}, t("faults", { count: number(faults.length) })),
        table(t("faults", { count: number(faults.length) }), [t("line"), t("account"), t("column"), t("reason")], faults.slice(0, MOST).map(fault =>
            [number(fault.line), english(fault.name || "–"), english(fault.column || "–"), english(fault.reason)])));
}

function read({ read }) {
    if (!read?.length)
        return null;
    return h("details", {}, h("summary", {}, t("as-read")), table(t("as-read"), [t("line"), t("account"), t("contacts")],
        read.slice(0, MOST).map(row => [number(row.line), english(row.name), english(row.contacts.join(", "))])));
}
