// One person: what is registered, why there is no reset now, and what a help desk can do about it.

import { ask } from "./command.js";
import { alert, button, busy, card, dialog, doing, english, failure, field, h, heading, list, replace, say } from "./elements.js";
import { labelsOf, waysOf } from "./labels.js";
import { day, moment, t, wait } from "./texts.js";
import { verify } from "./verify.js";

// The words that the agent has for whom it does not serve.
const VERDICTS = ["unknown", "system", "out of scope", "locked", "expired", "no login", "not local", "shared uid"];

// `of` is the section that the way back leads to. A member of the help desk does not see contacts in full, exempts nobody and deletes
// nothing.
export function person(content, name, of) {
    const isDesk = of === "desk";
    // The contacts in full, by what is shown of them else. They are read once: each time is recorded.
    const full = new Map();
    let last = [];
    const place = h("div");
    const told = h("div");
    replace(content, h("nav", { class: "trail", "aria-label": t("trail") }, h("a", { href: `#/${of}` }, t(`section-${of}`))),
        heading(name), told, place, busy());
    look();

    async function look() {
        try {
            const shown = await ask(["admin", "show", "--json", "--", name]);
            last = shown.contacts;
            replace(place, drawn(shown));
            content.querySelector(":scope > .busy")?.remove();
        } catch (error) {
            content.querySelector(":scope > .busy")?.remove();
            replace(place, failure(error));
        }
    }

    const mark = ({ method, since, contact }) => `${method} ${since} ${contact}`;

    async function reveal() {
        const { contacts } = await ask(["admin", "show", "--json", "--reveal", "--", name]);
        last.forEach((masked, n) => {
            // One that was registered in between stays masked.
            if (contacts[n]?.method === masked.method && contacts[n].since === masked.since)
                full.set(mark(masked), contacts[n].contact);
        });
        await look();
        say(t("revealed"));
    }

    function drawn(shown) {
        return [why(shown), h("div", { class: "cards" }, registered(shown), actions(shown))];
    }

    function registered(shown) {
        const contact = contact => [t(`way-${contact.method}`),
            h("span", { class: "contact", dir: "ltr" }, english(full.get(mark(contact)) ?? contact.contact)),
            contact.preferred && ` · ${t("preferred")}`, !contact.usable && ` · ${t("not-confirmed")}`,
            ` · ${t("since", { day: day(contact.since) })}`];
        const other = waysOf({ ...shown, methods: shown.methods.filter(method => method === "app"), unconfirmed: [] });
        return card(t("registered"),
            h("p", { class: "labels" }, labelsOf(shown)),
            list([
                ...shown.contacts.map(contact),
                ...other.map(way => [t("also"), way]),
                shown.contacts.length + other.length === 0 && [t("ways"), t("none")],
                shown.since != null && [t("registered-since"), day(shown.since)],
                shown.confirmed != null && [t("confirmed"), day(shown.confirmed)],
                shown.next && [t("asked-next"), shown.next.at == null ? t("never") : moment(shown.next.at), " · ", english(shown.next.why)],
                shown.language && [t("language"), shown.language],
                shown.helpdesk_code && [t("last-code"), code(shown.helpdesk_code)],
                shown.exemption && [t("exempt"), t("exempt-by", { name: shown.exemption.issuer, day: day(shown.exemption.created) }),
                    shown.exemption.reason && `: ${shown.exemption.reason}`],
            ]),
            !isDesk && !shown.contacts.every(contact => full.has(mark(contact))) && h("p", {},
                button(t("reveal"), event => acting(event, reveal), "link", { "data-act": "reveal" }),
                h("span", { class: "help" }, t("reveal-help"))));
    }

    function code({ issuer, used, expires }) {
        return `${issuer}, ${used == null ? t("good-until", { time: moment(expires) }) : t("used-at", { time: moment(used) })}`;
    }

    function actions(shown) {
        const has = shown.contacts.length > 0 || shown.methods.length > 0 || shown.recovery_codes > 0;
        const act = (id, work, kind = "secondary") =>
            h("div", { class: "action" }, button(t(`${id}-do`), event => acting(event, work), kind, { "data-act": id }),
                h("p", { class: "help" }, t(`${id}-help`)));
        const reached = shown.contacts.filter(contact => contact.usable);
        return card(t("actions"),
            shown.verdict === "eligible" && reached.length > 0 && act("verify", () => check(reached)),
            shown.verdict === "eligible" && act("code", () => give()),
            act("unblock", () => change(["unblock"], "unblocked")),
            !isDesk && (shown.exempt ? act("unexempt", () => change(["exempt", "--remove"], "unexempted")) : act("exempt", () => exempt())),
            !isDesk && has && act("forget", () => forget(), "danger"));
    }

    async function acting({ currentTarget: control }, work) {
        await doing(control, told, work);
        // It was drawn again meanwhile, and may have become another: the focus stays where it was, as far as there is such a place.
        if (!control.isConnected)
            (place.querySelector(`[data-act="${control.dataset.act}"]`) ?? content).focus();
    }

    async function change([verb, ...options], done) {
        await ask(["admin", verb, "--json", ...options, "--", name]);
        await look();
        replace(told, alert("success", t(done, { name })));
    }

    async function check(reached) {
        const verified = await verify(name, reached);
        if (verified)
            replace(told, verified);
    }

    async function give() {
        const given = await dialog(t("code-do"), h("p", {}, t("code-verify", { name })), t("code-do"),
            () => ask(["admin", "code", "--json", "--", name]));
        if (!given)
            return;
        await dialog(t("code-title", { name }), [
            h("p", { class: "code", dir: "ltr" }, given.code),
            h("p", {}, t("code-until", { time: moment(given.expires), span: wait(given.lifetime) })),
            h("p", {}, t("code-how")),
            h("p", {}, t("code-once")),
        ]);
        await look();
    }

    async function exempt() {
        const reason = h("input", { type: "text", maxlength: 200, autocomplete: "off" });
        const done = await dialog(t("exempt-do"), [h("p", {}, t("exempt-help")), field(t("reason"), reason)], t("exempt-do"),
            async () => {
                await ask(["admin", "exempt", "--json", `--reason=${reason.value}`, "--", name]);
                return true;
            });
        if (done) {
            await look();
            replace(told, alert("success", t("exempted", { name })));
        }
    }

    async function forget() {
        const done = await dialog(t("forget-title", { name }), h("p", {}, t("forget-help")), t("forget-do"), async () => {
            await ask(["admin", "forget", "--json", "--yes", "--", name]);
            return true;
        }, "danger");
        if (done) {
            await look();
            replace(told, alert("success", t("forgotten", { name })));
        }
    }
}

// Whether nothing that is registered can be used for a reset yet. Contacts that somebody vouched for can be used at once.
const waits = shown => shown.waits && !shown.contacts.some(contact => contact.usable && contact.source);

// Why this person can't reset the password now, or that nothing is in the way.
function why(shown) {
    if (shown.verdict !== "eligible") {
        const known = VERDICTS.includes(shown.verdict);
        return alert("warning", t("no-reset"), known ? t(`verdict-${shown.verdict.replaceAll(" ", "-")}`) : english(shown.verdict));
    }
    if (shown.rests_for != null)
        return alert("warning", t("no-reset"), t("why-suspended", { time: wait(shown.rests_for) }));
    if (!shown.registered)
        return alert("warning", t("no-reset"), t(shown.methods.length > 0 ? "why-too-few" : "why-not-registered"));
    if (waits(shown))
        return alert("warning", t("no-reset"), h("span", {}, t("why-waits", { time: moment(shown.waits.until) }),
            shown.waits.via && [" ", t("waits-through", { host: shown.waits.via })]));
    return alert("success", t("reset-works"));
}
