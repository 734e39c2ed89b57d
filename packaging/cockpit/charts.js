// Charts, drawn without a library. What they show stands beside them as text.

import { h, newId, svg } from "./elements.js";
import { number } from "./texts.js";

// A bar for each count, as a share of all.
export function bars(name, counts, all) {
    return h("ul", { class: "bars", "aria-label": name }, counts.map(([label, count]) => {
        const share = all > 0 ? Math.min(count / all, 1) : 0;
        const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(share);
        return h("li", {}, h("span", { class: "what" }, label), h("span", { class: "much" }, `${number(count)} · ${percent}`),
            svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
                svg("rect", { class: "ground", width: 100, height: 6 }), svg("rect", { class: "bar", width: 100 * share, height: 6 })));
    }));
}

// Two bars for each day.
export function days(name, all) {
    const [width, height] = [1000, 200];
    const most = Math.max(1, ...all.map(day => Math.max(day.recoveries, day.refusals)));
    const step = width / all.length;
    const bar = (kind, day, n, offset) => {
        const tall = day[kind] / most * height;
        return svg("rect", { class: kind, x: n * step + step * offset, y: height - tall, width: step * 0.4, height: tall });
    };
    const title = newId();
    const drawn = all.map((day, n) => svg("g", {},
        svg("title", {}, `${day.day}: ${number(day.recoveries)} / ${number(day.refusals)}`),
        svg("rect", { class: "hover", x: n * step, y: 0, width: step, height }),
        bar("recoveries", day, n, 0.1), bar("refusals", day, n, 0.5)));
    return h("figure", { class: "days" },
        h("span", { class: "most", "aria-hidden": "true" }, number(most)),
        svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": title },
            svg("title", { id: title }, name), drawn, svg("line", { class: "axis", x1: 0, y1: height, x2: width, y2: height })),
        h("figcaption", { "aria-hidden": "true" }, h("span", {}, all[0]?.day), h("span", {}, all.at(-1)?.day)));
}
