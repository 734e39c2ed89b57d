const { Client } = require("ssh2");
const { NAME, PASSWORD, PORT } = process.env;

// As its README has it: every question is answered with the password.
const client = new Client();
client.on("keyboard-interactive", (name, text, language, prompts, finish) => finish(prompts.map(() => PASSWORD)));
client.on("error", (why) => {
  console.error(`${why.level}: ${why.message}`);
  process.exit(1);
});
client.on("ready", () =>
  client.exec("id -un", (why, stream) => {
    if (why) throw why;
    stream.pipe(process.stdout);
    stream.on("close", () => client.end());
  }),
);
client.connect({ host: "127.0.0.1", port: Number(PORT), username: NAME, password: PASSWORD, tryKeyboard: true });
