// How far everybody is, and what happened day by day.

import { bars, days } from "./charts.js";
import { ask } from "./command.js";
import { button, busy, card, doing, failure, field, h, heading, replace, say, table } from "./elements.js";
import { number, t } from "./texts.js";

const LENGTHS = [14, 30, 90, 400];
// What the command counts, and the page's words for it.
const SHARES = [["accounts", "accounts"], ["enabled", "switched-on"], ["registered", "registered"], ["capable", "can-reset"],
    ["exempt", "exempt"], ["resting", "suspended"]];
// The same of the directory's users with a registration.
const OF_DIRECTORY = [["registered", "registered"], ["capable", "can-reset"], ["waiting", "waiting"], ["exempt", "exempt"], ["resting", "suspended"]];

export function report(content) {
    const place = h("div", {}, busy());
    const length = h("select", { onchange: look }, LENGTHS.map(days => h("option", { value: days }, t("last-days", { count: number(days) }))));
    replace(content, heading(t("section-report"), field(t("time"), length)), place, byGroup());
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

// The numbers of the accounts, for each group; they are counted when they are asked for, which takes a while among many accounts.
function byGroup() {
    const place = h("div");
    const groups = h("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const count = button(t("show"), undefined, "secondary", { type: "submit" });
    const submit = event => {
        event.preventDefault();
        doing(count, place, async () => {
            const named = groups.value.split(",").map(group => group.trim()).filter(Boolean);
            const { by_group } = await ask(["admin", "report", "--json", `--by-group=${named.join(",")}`]);
            const rows = Object.entries(by_group);
            say(`${t("groups")}: ${number(rows.length)}`);
            replace(place, rows.length > 0 ? table(t("by-group"), [t("group"), ...SHARES.map(([, key]) => t(key))],
                rows.map(([group, share]) => [group, ...SHARES.map(([count]) => number(share[count]))]))
                : h("p", { class: "empty" }, t("no-groups")));
        });
    };
    return card(t("by-group"), h("form", { onsubmit: submit }, field(t("groups"), groups, t("groups-help")), count), place);
}

function drawn(found) {
    const share = SHARES.slice(1).map(([count, key]) => [t(key), found[count]]);
    const ways = by_method => Object.entries(by_method).map(([way, count]) => [t(`way-${way.replaceAll(" ", "-")}`), count]);
    const users = found.directory;
    const total = key => found.days.reduce((sum, day) => sum + day[key], 0);
    return h("div", { class: "cards" },
        card(t("accounts"), h("p", { class: "big" }, number(found.accounts)), bars(t("accounts"), share, found.accounts)),
        card(t("by-way"), bars(t("by-way"), ways(found.by_method), found.accounts)),
        users && card(t("directory-users"), h("p", { class: "big" }, number(users.known)),
            bars(t("directory-users"), OF_DIRECTORY.map(([count, key]) => [t(key), users[count]]), users.known),
            bars(t("by-way"), ways(users.by_method), users.known)),
        h("section", { class: "card wide" }, h("h2", {}, t("by-day")),
            h("p", { class: "legend" },
                h("span", { class: "key recoveries" }), t("recoveries", { count: number(total("recoveries")) }),
                h("span", { class: "key refusals" }), t("refusals", { count: number(total("refusals")) })),
            days(t("by-day"), found.days),
            h("details", {}, h("summary", {}, t("as-table")), table(t("by-day"), [t("day"), t("recoveries-head"), t("refusals-head")],
                found.days.map(day => [day.day, number(day.recoveries), number(day.refusals)])))));
}
