// For members of the help desk without administrative access: one account, by its whole name. They don't see who else there is.

import { ask, run } from "./command.js";
import { button, field, h, heading, replace } from "./elements.js";
import { person } from "./person.js";
import { t } from "./texts.js";

// Whether the user is a member: `null` if so, `true` if not, or what is wrong.
export async function membership() {
    try {
        // What the command refuses has status 1; anything else went wrong.
        const { status } = await run(["admin", "helpdesk", "--json"]);
        if (status === 1)
            return true;
        if (status !== 0)
            await ask(["admin", "helpdesk", "--json"]);
        return null;
    } catch (error) {
        return error;
    }
}

export function desk(content, [name]) {
    return name ? person(content, name, "desk") : look(content);
}

function look(content) {
    const account = h("input", { type: "text", required: true, maxlength: 255, autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
    const submit = event => {
        event.preventDefault();
        if (account.value.trim())
            cockpit.location.go(["desk", account.value.trim()]);
    };
    replace(content, heading(t("section-desk")),
        h("section", { class: "card" },
            h("form", { role: "search", onsubmit: submit }, field(t("account"), account, t("desk-help")),
                button(t("show"), undefined, "primary", { type: "submit" }))),
        h("p", { class: "help" }, t("desk-limits")));
    account.focus();
}
