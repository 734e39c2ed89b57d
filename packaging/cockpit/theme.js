// Light or dark, as Cockpit is: what was chosen in its menu, else what the browser prefers.

const dark = window.matchMedia("(prefers-color-scheme: dark)");

function put(chosen) {
    const style = chosen || window.localStorage.getItem("shell:style") || "auto";
    document.documentElement.classList.toggle("dark", style === "dark" || (style === "auto" && dark.matches));
}

export function follow() {
    // PatternFly 6 has rounder corners. The Cockpit that came with it is the first that says what it is.
    document.documentElement.classList.toggle("round", "info" in cockpit);
    window.addEventListener("storage", event => event.key === "shell:style" && put());
    window.addEventListener("cockpit-style", event => put(event.detail.style));
    dark.addEventListener("change", () => put());
    put();
}
