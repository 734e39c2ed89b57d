// Who did what: the newest records, by person, time and outcome, and what comes while one looks.

import { run, watch } from "./command.js";
import { button, busy, english, failure, field, h, heading, replace, say } from "./elements.js";
import { moment, number, t } from "./texts.js";

const TIMES = ["", "1h", "24h", "7d", "30d"];
// More are not drawn.
const MOST = 1000;

export function audit(content) {
    let stop = null;
    let records = [];
    let due = 0;
    const place = h("div");
    const count = h("span", { class: "count" });
    const user = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    const since = h("select", {}, TIMES.map(time => h("option", { value: time }, t(`since-${time || "last"}`))));
    const outcome = h("select", { onchange: draw }, ["", "success", "failure"].map(word =>
        h("option", { value: word }, t(`outcome-${word || "all"}`))));
    const text = h("input", { type: "search", autocomplete: "off", spellcheck: "false", oninput: draw });
    const follow = button(t("follow"), following, "secondary", { "aria-pressed": "false" });
    const body = h("tbody");

    replace(content, heading(t("section-audit"), follow),
        h("form", { class: "toolbar", role: "search", onsubmit: event => { event.preventDefault(); look(); } },
            field(t("audit-person"), user), field(t("time"), since), field(t("outcome"), outcome), field(t("contains"), text),
            h("div", { class: "pages" }, button(t("show"), undefined, "primary", { type: "submit" }), count)), place);
    look();
    return ended;

    function ended() {
        stop?.();
        stop = null;
        follow.setAttribute("aria-pressed", "false");
        replace(follow, t("follow"));
    }

    // The person and the time, as the command knows them.
    function wanted() {
        const [name, from] = [user.value.trim(), since.value];
        return ["admin", "audit", "--json", ...(name ? [`--user=${name}`] : []), ...(from ? [`--since=${from}`] : [])];
    }

    async function look() {
        ended();
        replace(place, busy());
        try {
            const { status, output, said } = await run(wanted());
            if (status !== 0)
                throw new Error(said);
            records = output.split("\n").filter(Boolean).map(JSON.parse).reverse();
            head();
            draw();
        } catch (error) {
            replace(place, failure(error));
        }
    }

    function following() {
        if (stop) {
            ended();
            return;
        }
        records = [];
        head();
        stop = watch([...wanted(), "--follow"], line => {
            records.unshift(JSON.parse(line));
            records.length = Math.min(records.length, MOST);
            // Many may come at once.
            due ||= window.requestAnimationFrame(() => {
                due = 0;
                draw();
            });
        }, error => {
            ended();
            replace(place, failure(error));
        });
        follow.setAttribute("aria-pressed", "true");
        replace(follow, t("follow-end"));
    }

    function head() {
        const heads = ["time", "account", "event", "details"].map(key => h("th", { scope: "col" }, t(key)));
        replace(place, h("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": t("section-audit") },
            h("table", {}, h("caption", { class: "unseen" }, t("section-audit")), h("thead", {}, h("tr", {}, heads)), body)));
    }

    function draw() {
        const search = text.value.trim().toLowerCase();
        const shown = records.filter(record => (!outcome.value || record.outcome === outcome.value)
            && (!search || Object.values(record).join(" ").toLowerCase().includes(search)));
        replace(body, shown.slice(0, MOST).map(row));
        const told = t("records", { count: number(Math.min(shown.length, MOST)) });
        replace(count, told);
        say(told);
    }
}

function row(record) {
    const failed = record.outcome !== "success";
    const details = [
        record.reason, record.actor !== record.account && `by ${record.actor}`, `${record.service} from ${record.source}`,
    ].filter(Boolean).join(", ");
    const cells = [moment(record.at), english(record.account), [failed && h("span", { class: "label danger" }, t("outcome-failure")), " ",
        english(record.event)], english(details)];
    const heads = ["time", "account", "event", "details"];
    return h("tr", { title: record.correlation }, cells.map((cell, n) => h("td", { "data-label": t(heads[n]) }, cell)));
}
