// The settings as files: shown, changed, judged by the one program that judges them, compared, and written in one piece.

import { ask, run } from "./command.js";
import { difference } from "./diff.js";
import { alert, button, busy, card, doing, english, failure, field, h, heading, replace, say, table } from "./elements.js";
import { t } from "./texts.js";

const MAIN = "/etc/sspr/sspr.toml";

export function settings(content) {
    // The file as it was read; what was judged last, if it can be written.
    let before = "";
    let judged = null;
    const found = h("div");
    const effect = h("div", {}, busy());
    const file = h("select", { onchange: read });
    const text = h("textarea", { rows: 24, spellcheck: "false", autocomplete: "off", wrap: "off", dir: "ltr", lang: "en", oninput: typed });
    const compare = button(t("compare"), () => doing(compare, found, check));
    const save = button(t("save"), saved, "primary", { disabled: true });
    const again = button(t("read-again"), () => doing(again, found, read), "link");

    replace(content, heading(t("section-settings")),
        card(null, field(t("file"), file), field(t("text"), text, t("settings-help")), h("p", { class: "acts" }, compare, save, again), found),
        h("section", { class: "card" }, h("details", {}, h("summary", {}, t("in-effect")), effect)));
    start();

    async function start() {
        let files = [MAIN];
        try {
            const shown = await ask(["config", "show", "--json"]);
            files = shown.files;
            replace(effect, inEffect(shown.settings));
        } catch (error) {
            // They may be what is to be corrected.
            replace(effect, failure(error));
        }
        replace(file, files.map(name => h("option", { value: name, selected: name === MAIN }, name)));
        await read().catch(error => replace(found, failure(error)));
    }

    async function read() {
        const had = text.value;
        before = await cockpit.file(file.value, { superuser: "require", max_read_size: 2 << 20 }).read() ?? "";
        text.value = before;
        typed();
        if (had)
            say(t("was-read"));
    }

    function typed() {
        judged = null;
        save.disabled = true;
        replace(found);
    }

    async function given(options) {
        const after = text.value;
        const { output, said } = await run(["config", "write", ...options, "--", file.value], JSON.stringify({ before, after }));
        if (!output.trim())
            throw new Error(said.replace(/^sspr: /, ""));
        return { after, outcome: JSON.parse(output) };
    }

    async function check() {
        const { after, outcome } = await given(["--dry-run"]);
        const good = !outcome.error && !outcome.changed_meanwhile;
        judged = good && after !== before ? after : null;
        save.disabled = judged === null;
        replace(found, verdict(outcome, after === before ? t("no-change") : t("can-stand")), shown(before, after));
        say(found.firstChild.textContent);
    }

    async function saved() {
        await doing(save, found, write);
        save.disabled = judged === null;
        if (save.disabled)
            compare.focus();
    }

    async function write() {
        if (text.value !== judged)
            return;
        const { after, outcome } = await given([]);
        if (outcome.written) {
            before = after;
            typed();
        }
        replace(found, verdict(outcome, t(outcome.reloaded ? "written" : "written-later")));
        say(found.firstChild.textContent);
    }
}

function verdict(outcome, fine) {
    if (outcome.changed_meanwhile)
        return alert("danger", t("changed-meanwhile"), t("changed-meanwhile-fix"));
    if (outcome.error)
        return alert("danger", t("can-t-stand"), english(outcome.error));
    const warnings = outcome.warnings.map(warning => h("p", {}, english(warning)));
    return alert(warnings.length > 0 ? "warning" : "success", fine, ...warnings);
}

function shown(before, after) {
    const lines = difference(before, after);
    if (lines.length === 0)
        return null;
    const mark = { same: " ", in: "+", out: "-" };
    return h("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": t("difference") },
        h("ol", { class: "diff", dir: "ltr", lang: "en" }, lines.map(({ kind, text, number }) => kind === "gap"
            ? h("li", { class: "gap" }, "…")
            : h("li", { class: kind }, h("span", { class: "number" }, number), kind !== "same" && h("span", { class: "unseen" }, t(`line-${kind}`)),
                h("code", {}, `${mark[kind]} ${text}`)))));
}

function inEffect(all) {
    const value = entry => entry.value == null ? t("not-set") : h("code", {}, JSON.stringify(entry.value));
    const from = entry => entry.origin ? `${entry.origin.file}:${entry.origin.line}` : t("default");
    return table(t("in-effect"), [t("key"), t("value"), t("origin")],
        all.map(entry => [h("code", {}, `[${entry.section}] ${entry.key}`), value(entry), from(entry)]));
}
