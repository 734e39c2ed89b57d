// What the sections are built of. Whatever comes from outside goes in as text: nothing here reads HTML.

import { Problem } from "./command.js";
import { t } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on"))
            value && element.addEventListener(name.slice(2), value);
        else if (value !== false && value != null)
            element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter(child => child !== false && child != null));
    return element;
}

// An element; attributes that are false or null are left out, `onclick` and the like are listeners.
export const h = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

export function replace(element, ...children) {
    element.replaceChildren();
    return fill(element, {}, children);
}

let ids = 0;
export const newId = () => `e${++ids}`;

// Read out by a screen reader, wherever the focus is.
export function say(text) {
    const said = document.getElementById("said");
    said.textContent = "";
    // The same words again are a change too.
    window.setTimeout(() => { said.textContent = text; }, 50);
}

export function heading(text, ...beside) {
    return h("header", { class: "heading" }, h("h1", {}, text), beside);
}

export const button = (text, onclick, kind = "secondary", more = {}) => h("button", { type: "button", class: kind, onclick, ...more }, text);

// A field with its label, and a line of help.
export function field(label, input, help) {
    input.id ||= newId();
    const line = help && h("p", { class: "help", id: `${input.id}-help` }, help);
    if (line)
        input.setAttribute("aria-describedby", line.id);
    return h("div", { class: "field" }, h("label", { for: input.id }, label), input, line);
}

// What the command says is English.
export const english = text => h("span", { lang: "en" }, text);

export function alert(kind, title, ...more) {
    return h("div", { class: `alert ${kind}`, role: kind === "danger" ? "alert" : "status" }, h("strong", {}, title),
        more.length > 0 && h("div", {}, more));
}

// What is not as it should be, in words of the page, although everything worked.
export class Refusal extends Error {}

export function failure(error) {
    if (error instanceof Refusal)
        return alert("warning", error.message);
    if (error instanceof Problem && error.denied)
        return alert("warning", t("no-rights"), t("no-rights-fix"));
    return alert("danger", t("failed"), english(error.message));
}

export const busy = () => h("p", { class: "busy", role: "status" }, t("busy"));

// A table with a name and heads; each row is a list of cells.
export function table(caption, heads, rows, more = {}) {
    return h("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": caption },
        h("table", more, h("caption", { class: "unseen" }, caption),
            h("thead", {}, h("tr", {}, heads.map(head => h("th", { scope: "col" }, head)))),
            h("tbody", {}, rows.map(cells => h("tr", {}, cells.map((cell, n) => h("td", { "data-label": heads[n] }, cell)))))));
}

export const list = rows => h("dl", {}, rows.filter(Boolean).map(([name, ...value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

export const card = (title, ...children) => h("section", { class: "card" }, title && h("h2", {}, title), children);

// Turns a button off while `work` runs, and shows what went wrong in `place`.
export async function doing(control, place, work) {
    const had = document.activeElement === control;
    control.disabled = true;
    replace(place);
    try {
        return await work();
    } catch (error) {
        replace(place, failure(error));
        return undefined;
    } finally {
        control.disabled = false;
        // A button that is off loses the focus.
        if (had && control.isConnected && !document.querySelector("dialog[open]"))
            control.focus();
    }
}

// A question before something is done: resolves to what `done` returned, or to nothing. The focus comes back to where it was.
export function dialog(title, body, action, done, kind = "primary") {
    return new Promise(resolve => {
        let result;
        const place = h("div");
        const act = button(action, undefined, kind, { type: "submit" });
        const title_id = newId();
        const form = h("form", { method: "dialog" }, h("h1", { id: title_id }, title), h("div", { class: "body" }, body), place,
            h("footer", {}, action && act, button(t(action ? "cancel" : "close"), () => box.close(), action ? "link" : "primary")));
        const box = h("dialog", { "aria-labelledby": title_id }, form);
        form.addEventListener("submit", event => {
            event.preventDefault();
            doing(act, place, async () => {
                result = await done();
                box.close();
            });
        });
        box.addEventListener("close", () => {
            // Whatever it showed is gone with it.
            box.remove();
            resolve(result);
        });
        document.body.append(box);
        box.showModal();
    });
}
