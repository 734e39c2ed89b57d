// How far everybody is, and what happened day by day.

import { bars, days } from "./charts.js";
import { ask } from "./command.js";
import { busy, card, failure, field, h, heading, replace, say, table } from "./elements.js";
import { number, t } from "./texts.js";

const LENGTHS = [14, 30, 90, 400];

export function report(content) {
    const place = h("div", {}, busy());
    const length = h("select", { onchange: look }, LENGTHS.map(days => h("option", { value: days }, t("last-days", { count: number(days) }))));
    replace(content, heading(t("section-report"), field(t("time"), length)), place);
    look();

    async function look() {
        try {
            const found = await ask(["admin", "report", "--json", `--days=${length.value}`]);
            replace(place, drawn(found));
            say(`${t("accounts")}: ${number(found.accounts)}`);
        } catch (error) {
            replace(place, failure(error));
        }
    }
}

function drawn(found) {
    const counts = { enabled: "switched-on", registered: "registered", capable: "can-reset", exempt: "exempt", resting: "suspended" };
    const share = Object.entries(counts).map(([count, key]) => [t(key), found[count]]);
    const ways = Object.entries(found.by_method).map(([way, count]) => [t(`way-${way.replaceAll(" ", "-")}`), count]);
    const total = key => found.days.reduce((sum, day) => sum + day[key], 0);
    return h("div", { class: "cards" },
        card(t("accounts"), h("p", { class: "big" }, number(found.accounts)), bars(t("accounts"), share, found.accounts)),
        card(t("by-way"), bars(t("by-way"), ways, found.accounts)),
        h("section", { class: "card wide" }, h("h2", {}, t("by-day")),
            h("p", { class: "legend" },
                h("span", { class: "key recoveries" }), t("recoveries", { count: number(total("recoveries")) }),
                h("span", { class: "key refusals" }), t("refusals", { count: number(total("refusals")) })),
            days(t("by-day"), found.days),
            h("details", {}, h("summary", {}, t("as-table")), table(t("by-day"), [t("day"), t("recoveries-head"), t("refusals-head")],
                found.days.map(day => [day.day, number(day.recoveries), number(day.refusals)])))));
}
