// Writes what the tests need of the Git hosts' API descriptions: `node slice.mjs github|gitea|bitbucket SOURCE > SLICE`.
// tests/fixtures/git-hosts/README.md says where the sources are, and holds the lines to type.
import fs from 'node:fs';

const wanted = {
  github: /^\/repos\/\{owner\}\/\{repo\}(\/(hooks|deployments)(\/.*)?)?$|^\/meta$|^\/user$/,
  gitea: /^\/repos\/\{owner\}\/\{repo\}(\/hooks(\/.*)?)?$/,
  bitbucket: /^\/repositories\/\{workspace\}\/\{repo_slug\}(\/hooks(\/.*)?)?$/,
};

const [, , host, source] = process.argv;
const description = JSON.parse(fs.readFileSync(source, 'utf8'));
const paths = Object.fromEntries(Object.entries(description.paths).filter(([path]) => wanted[host].test(path)));
const components = {};

// Keeps what is referred to, and how clients sign in.
const seen = new Set();
const keep = node => {
  if (!node || typeof node !== 'object') return;
  if (typeof node.$ref === 'string' && node.$ref.startsWith('#/components/') && !seen.has(node.$ref)) {
    seen.add(node.$ref);
    const [, , kind, name] = node.$ref.split('/');
    (components[kind] ??= {})[name] = description.components[kind][name];
    keep(components[kind][name]);
  }
  Object.values(node).forEach(keep);
};

// The media type that GitHub's documents tell clients to ask for; the description names the plain one alone.
const withGithubMediaType = node => {
  if (!node || typeof node !== 'object') return;
  for (const response of Object.values(node.responses ?? {})) {
    if (response.content?.['application/json']) {
      response.content['application/vnd.github+json'] = response.content['application/json'];
    }
  }
  Object.values(node).forEach(withGithubMediaType);
};

// The description of Bitbucket has no bodies for hooks, and so would refuse them all.
const withHookBodies = () => {
  const events = description.components.schemas.webhook_subscription.allOf
    .map(part => part.properties?.events?.items?.enum)
    .find(Boolean);
  const schema = {
    type: 'object',
    required: ['url', 'events'],
    additionalProperties: false,
    properties: {
      url: { type: 'string', format: 'uri' },
      events: { type: 'array', minItems: 1, uniqueItems: true, items: { type: 'string', enum: events } },
      description: { type: 'string' },
      active: { type: 'boolean' },
      secret: { type: 'string', nullable: true },
      skip_cert_verification: { type: 'boolean' },
    },
  };
  const requestBody = { required: true, content: { 'application/json': { schema } } };
  const hooks = '/repositories/{workspace}/{repo_slug}/hooks';
  paths[hooks].post.requestBody = requestBody;
  paths[`${hooks}/{uid}`].put.requestBody = requestBody;
};

if (host === 'bitbucket') withHookBodies();
keep(paths);
if (host === 'github') {
  withGithubMediaType(paths);
  withGithubMediaType({ responses: components.responses });
}
if (description.components.securitySchemes) components.securitySchemes = description.components.securitySchemes;
const { openapi, info, servers, security } = description;
process.stdout.write(`${JSON.stringify({ openapi, info, servers, security, paths, components })}\n`);
