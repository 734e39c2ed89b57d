// What is said of one person in few words.

import { h } from "./elements.js";
import { number, t, wait } from "./texts.js";

export const waysOf = user => [
    ...user.methods.map(method => t(`way-${method}`)),
    ...user.unconfirmed.map(method => t("unconfirmed", { way: t(`way-${method}`) })),
    user.recovery_codes > 0 && t("codes-left", { count: number(user.recovery_codes) }),
].filter(Boolean);

const label = (kind, text) => h("span", { class: `label ${kind}` }, text);

export function labelsOf(user) {
    return [
        user.rests_for != null && label("danger", t("suspended-for", { time: wait(user.rests_for) })),
        user.capable && user.rests_for == null && label("success", t("can-reset")),
        user.waits_until != null && label("warning", t("waiting")),
        !user.enabled && label("neutral", t("switched-off")),
        user.enabled && !user.registered && label("warning", t(user.methods.length > 0 ? "too-few" : "not-registered")),
        user.admin && label("neutral", t("administrator")),
        user.exempt && label("neutral", t("exempt")),
    ].filter(Boolean);
}
