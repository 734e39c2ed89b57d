// What keeps self-service from working, and how to correct it.

import { ask } from "./command.js";
import { alert, button, busy, doing, english, h, heading, replace, say } from "./elements.js";
import { number, t } from "./texts.js";

const WORST = ["error", "warning", "fine"];
const KINDS = { error: "danger", warning: "warning", fine: "success" };

export function doctor(content) {
    const place = h("div");
    const again = button(t("look-again"), () => doing(again, place, look));
    replace(content, heading(t("section-doctor"), again), place);
    doing(again, place, look);

    async function look() {
        replace(place, busy());
        // 1 and 2 say how bad it is.
        const { worst, findings } = await ask(["doctor", "--json"], { fine: [0, 1, 2] });
        const count = level => number(findings.filter(finding => finding.level === level).length);
        const told = worst === "fine" ? t("all-well") : t("doctor-count", { errors: count("error"), warnings: count("warning") });
        const sorted = WORST.flatMap(level => findings.filter(finding => finding.level === level));
        replace(place, alert(KINDS[worst], told), h("ul", { class: "findings" }, sorted.map(found)));
        say(told);
    }
}

function found({ check, level, what, fix }) {
    return h("li", { class: level }, h("span", { class: `label ${KINDS[level]}` }, t(`level-${level}`)), h("strong", { lang: "en" }, check),
        h("p", {}, english(what)), fix && h("p", { class: "fix" }, h("span", {}, t("fix")), " ", english(fix)));
}
