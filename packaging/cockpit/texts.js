// The page's words, in a file for each language; `texts/en.json` has what another one lacks.

const LANGUAGES = [
    "en", "ja", "de", "fr", "es", "it", "pt-BR", "nl", "pl", "tr", "uk", "zh-Hans", "zh-Hant", "ko", "cs", "sv", "da", "fi", "ru",
    "pt-PT", "nb", "hu", "ro", "el", "id", "vi",
];
const OTHERS = { "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", zh: "zh-Hans", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant",
    pt: "pt-PT", "pt-ao": "pt-PT", no: "nb", nn: "nb" };

let texts = {};
let chosen = "en";

// The language of a tag as browsers and Cockpit write it: de, de-AT, nb_NO.
function meant(tag) {
    const wanted = tag.toLowerCase().replace("_", "-");
    const same = LANGUAGES.find(language => language.toLowerCase() === wanted);
    if (same || OTHERS[wanted])
        return same || OTHERS[wanted];
    const short = wanted.slice(0, wanted.lastIndexOf("-"));
    return wanted.includes("-") ? meant(short) : undefined;
}

// What was chosen in Cockpit's menu; it asks the browser where nothing was.
function wanted() {
    const cookie = document.cookie.split("; ").find(cookie => cookie.startsWith("CockpitLang="));
    const asked = cookie ? [decodeURIComponent(cookie.split("=")[1])] : navigator.languages;
    return asked.map(meant).find(Boolean) || "en";
}

async function read(language) {
    const answer = await fetch(`texts/${language}.json`);
    if (!answer.ok)
        throw new Error(`texts/${language}.json: ${answer.status}`);
    return answer.json();
}

export async function load() {
    chosen = wanted();
    texts = await read("en");
    if (chosen !== "en")
        Object.assign(texts, await read(chosen).catch(() => { chosen = "en"; }));
}

export const language = () => chosen;

// A text, with {name} replaced by a value.
export function t(key, values = {}) {
    const text = texts[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (all, name) => name in values ? String(values[name]) : all);
}

export const number = count => new Intl.NumberFormat(chosen).format(count);
const date = (options, seconds) => new Intl.DateTimeFormat(chosen, options).format(new Date(seconds * 1000));
export const day = seconds => date({ dateStyle: "medium" }, seconds);
export const moment = seconds => date({ dateStyle: "medium", timeStyle: "medium" }, seconds);

// With how many seconds, and from how many on; as the command has it.
const UNITS = [["day", 86400, 172800], ["hour", 3600, 5400], ["minute", 60, 90]];

// How long to wait, in the largest unit that says it well.
export function wait(seconds) {
    const [unit, size] = UNITS.find(([, , from]) => seconds > from) || ["second", 1];
    return new Intl.NumberFormat(chosen, { style: "unit", unit, unitDisplay: "long" }).format(Math.ceil(seconds / size));
}
