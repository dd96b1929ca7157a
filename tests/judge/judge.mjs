// Serves the API descriptions of Git hosts with prism, which refuses every request that is not as they say.
//
// Started by tests/support/judge; it prints the port at which it says where the descriptions are: each test process keeps a
// connection there, and the judge ends when for a while nobody has one.
import fs from 'node:fs';
import net from 'node:net';
import { createRequire } from 'node:module';

const alone = 20_000;
const hosts = ['github', 'gitea', 'bitbucket'];

// The parts of the command `prism`, in the versions that it comes with.
const fromHere = createRequire(import.meta.url);
const fromPrism = createRequire(fromHere.resolve('@stoplight/prism-cli/package.json'));
const { getHttpOperationsFromSpec } = fromPrism('@stoplight/prism-http');
const { createServer } = fromPrism('@stoplight/prism-http-server');
const { createLogger } = fromPrism('@stoplight/prism-core');

// What `prism mock --errors` does, but for the answers: what it answers counts for nothing, and not all examples are as described.
const serve = async host => {
  const file = new URL(`../fixtures/git-hosts/${host}.json`, import.meta.url);
  const operations = await getHttpOperationsFromSpec(JSON.parse(fs.readFileSync(file, 'utf8')));
  const mock = { dynamic: false, ignoreExamples: false };
  const checks = { validateRequest: true, validateResponse: false, checkSecurity: true, errors: true };
  const config = { isProxy: false, ...checks, mock };
  const components = { logger: createLogger('judge', { level: 'silent' }) };
  return createServer(operations, { cors: false, config, components }).listen(0, '127.0.0.1');
};

const addresses = Object.fromEntries(await Promise.all(hosts.map(async host => [host, await serve(host)])));

let here = 0;
const end = () => process.exit(0);
let ending = setTimeout(end, alone);
const door = net.createServer(socket => {
  here += 1;
  clearTimeout(ending);
  socket.on('error', () => {});
  socket.on('close', () => {
    here -= 1;
    if (here === 0) ending = setTimeout(end, alone);
  });
  socket.resume();
  socket.write(`${JSON.stringify(addresses)}\n`);
});
door.listen(0, '127.0.0.1', () => process.stdout.write(`${door.address().port}\n`));
