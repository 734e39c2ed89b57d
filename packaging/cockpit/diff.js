// The difference of two texts, line by line.

// What is around a change stays in sight, so many lines of it.
const CONTEXT = 3;
// A middle that takes more comparisons is shown as taken out and put in.
const MOST = 4_000_000;

// The longest lines that both have, as in diff(1): pairs of places, in their order.
function common(a, b) {
    if (a.length * b.length > MOST)
        return [];
    const width = b.length + 1;
    const longest = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            longest[i * width + j] = a[i] === b[j]
                ? longest[(i + 1) * width + j + 1] + 1
                : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
        }
    }
    const pairs = [];
    for (let i = 0, j = 0; i < a.length && j < b.length;) {
        if (a[i] === b[j])
            pairs.push([i++, j++]);
        else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1])
            i++;
        else
            j++;
    }
    return pairs;
}

function compared(before, after) {
    const [a, b] = [before.split("\n"), after.split("\n")];
    let start = 0;
    while (start < a.length && start < b.length && a[start] === b[start])
        start++;
    let end = 0;
    while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
        end++;
    const lines = a.slice(0, start).map(text => ({ kind: "same", text }));
    const [middle_a, middle_b] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
    let [i, j] = [0, 0];
    for (const [x, y] of [...common(middle_a, middle_b), [middle_a.length, middle_b.length]]) {
        lines.push(...middle_a.slice(i, x).map(text => ({ kind: "out", text })));
        lines.push(...middle_b.slice(j, y).map(text => ({ kind: "in", text })));
        if (x < middle_a.length)
            lines.push({ kind: "same", text: middle_a[x] });
        [i, j] = [x + 1, y + 1];
    }
    return [...lines, ...a.slice(a.length - end).map(text => ({ kind: "same", text }))];
}

// The lines that differ with those around them; `{ kind: "gap" }` where some are left out. Each of the others has its number: in the
// new text, or in the old one for what is taken out.
export function difference(before, after) {
    const lines = compared(before, after);
    let [old, fresh] = [0, 0];
    for (const line of lines) {
        if (line.kind !== "in")
            old++;
        if (line.kind !== "out")
            fresh++;
        line.number = line.kind === "out" ? old : fresh;
    }
    const near = lines.map(() => false);
    lines.forEach((line, n) => {
        if (line.kind !== "same")
            near.fill(true, Math.max(0, n - CONTEXT), n + CONTEXT + 1);
    });
    return lines.flatMap((line, n) => near[n] ? [line] : near[n - 1] ? [{ kind: "gap" }] : []);
}
