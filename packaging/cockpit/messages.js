// A test message by each gateway, and what the gateway answered.

import { run } from "./command.js";
import { alert, button, card, doing, english, field, h, heading, replace, say } from "./elements.js";
import { t } from "./texts.js";

export function messages(content) {
    replace(content, heading(t("section-messages")), h("div", { class: "cards" },
        test("email", h("input", { type: "email", autocomplete: "off", required: true })),
        test("phone", h("input", { type: "tel", autocomplete: "off", required: true }))));
}

function test(method, input) {
    const place = h("div");
    const send = button(t("send-test"), undefined, "primary", { type: "submit" });
    const submit = event => {
        event.preventDefault();
        doing(send, place, async () => {
            const { output, said } = await run(["admin", `test-${method}`, "--json", "--", input.value.trim()]);
            if (!output.trim())
                throw new Error(said.replace(/^sspr: /, ""));
            const { accepted, unsure, gateway, said: answer, to } = JSON.parse(output);
            const told = t(accepted && gateway === "spool" ? "test-spool" : accepted ? "test-accepted" : unsure ? "test-unsure" : "test-refused", { gateway, to });
            replace(place, alert(accepted ? "success" : unsure ? "warning" : "danger", told, english(answer)));
            say(told);
        });
    };
    return card(t(`way-${method}`), h("form", { onsubmit: submit }, field(t(`test-${method}`), input, t(`test-${method}-help`)), send), place);
}
