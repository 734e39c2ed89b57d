// The command `sspr`, run by Cockpit as root; for a member of the help desk, as that user. What it is given is an argument each, never a
// line for a shell; what nobody else may read goes over standard input.

// Why Cockpit did not run it.
export class Problem extends Error {
    constructor(error) {
        super(cockpit.message(error));
        this.denied = ["access-denied", "authentication-failed", "not-authorized"].includes(error.problem);
    }
}

let superuser = "require";

// From here on it runs as the user who signed in.
export function withoutRoot() {
    superuser = null;
}

function begin(args, options) {
    // Its words are English, whatever the bridge's locale is.
    return cockpit.spawn(["sspr", ...args], { superuser, err: "message", environ: ["LC_ALL=C.UTF-8"], ...options });
}

const words = output => typeof output === "string" ? output : new TextDecoder().decode(output ?? new Uint8Array());

function ended(child) {
    return new Promise((resolve, reject) => child.then(
        (output, said) => resolve({ status: 0, output: words(output), said: said || "" }),
        (error, output) => error.exit_status == null
            ? reject(new Problem(error))
            : resolve({ status: error.exit_status, output: words(output), said: error.message || "" })));
}

// Runs it to its end: { status, output, said }, of which the last is what it complained about.
export async function run(args, input = "", options = {}) {
    const child = begin(args, options);
    const end = ended(child);
    child.input(input);
    return end;
}

// What it answered as JSON. A status other than those that are `fine` is a failure in its own words.
export async function ask(args, { input, fine = [0] } = {}) {
    const { status, output, said } = await run(args, input);
    // A status that is fine has an answer; without one, it has another meaning.
    if (!fine.includes(status) || !output.trim())
        throw new Error(said.replace(/^sspr: /, "").trim() || `sspr: ${status}`);
    return JSON.parse(output);
}

// Runs it with bytes on standard input, and hands over each line that tells how far it is: those are JSON on one line, and what it
// answers in the end begins with a line of its own.
export async function watchTo(args, bytes, progress) {
    const child = begin(args, { binary: true });
    const decoder = new TextDecoder();
    let rest = "";
    const take = text => {
        rest += text;
        for (let end = rest.indexOf("\n"); end > 1 && rest.startsWith("{\""); end = rest.indexOf("\n")) {
            progress(rest.slice(0, end));
            rest = rest.slice(end + 1);
        }
    };
    child.stream(data => take(decoder.decode(data, { stream: true })));
    const end = ended(child);
    child.input(bytes);
    const { status, output, said } = await end;
    take(output);
    return { status, output: rest, said };
}

// Runs it for as long as it is wanted, and hands over each line. Returns what ends it.
export function watch(args, line, failed) {
    const child = begin(args, {});
    let rest = "";
    child.stream(data => {
        const lines = (rest + data).split("\n");
        rest = lines.pop();
        lines.filter(Boolean).forEach(line);
    });
    let wanted = true;
    const told = error => wanted && failed(error);
    ended(child).then(({ status, said }) => status && told(new Error(said)), told);
    return () => {
        wanted = false;
        child.close("terminated");
    };
}
