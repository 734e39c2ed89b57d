// Whether the caller on the telephone has what is registered for an account: a code goes there, and the caller reads it out.

import { ask } from "./command.js";
import { Refusal, alert, dialog, english, field, h } from "./elements.js";
import { moment, number, t } from "./texts.js";

// `reached` are the contacts that it can go to. Resolves to what came of it, or to nothing if it was left.
export async function verify(name, reached) {
    const methods = ["phone", "email"].filter(method => reached.some(contact => contact.method === method));
    const by = h("select", {}, methods.map(method => h("option", { value: method }, t(`way-${method}`))));
    const sent = await dialog(t("verify-do"), [h("p", {}, t("verify-help")), field(t("verify-by"), by)], t("verify-send"),
        () => ask(["admin", "verify", "--json", `--by=${by.value}`, "--", name]));
    return sent && answer(name, sent);
}

async function answer(name, { handle, to, expires }) {
    const code = h("input", { type: "text", required: true, maxlength: 100, inputmode: "numeric", autocomplete: "off", autofocus: true });
    const checked = async () => {
        // The code is for nobody else's eyes: other users of the machine can read arguments.
        const { matched, left, why } = await ask(["admin", "verify", "--json", `--answer=${handle}`, "--", name],
            { input: `${code.value}\n`, fine: [0, 1] });
        if (matched)
            return alert("success", t("verified", { name }));
        if (why != null || left === 0)
            return alert("danger", t("not-verified"), why != null && english(why));
        code.value = "";
        code.focus();
        throw new Refusal(`${t("not-verified")} ${t("tries-left", { count: number(left) })}`);
    };
    return dialog(t("verify-do"), [
        h("p", {}, t("verify-sent", { to, time: moment(expires) })),
        h("p", {}, t("verify-how")),
        field(t("verify-code"), code),
    ], t("verify-check"), checked);
}
