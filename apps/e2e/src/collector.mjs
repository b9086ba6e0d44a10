// A place for spans (OTLP over HTTP, as JSON): keeps them by trace, and gives a trace back to a test.
import http from 'node:http';
import { json } from 'node:stream/consumers';

const attributesOf = (list = []) =>
  Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value ?? {})[0]]));

export async function startCollector() {
  const traces = new Map();
  const take = ({ resourceSpans = [] }) => {
    for (const { resource, scopeSpans = [] } of resourceSpans) {
      const service = attributesOf(resource?.attributes)['service.name'];
      for (const { traceId, name, attributes } of scopeSpans.flatMap(({ spans = [] }) => spans)) {
        traces.set(traceId, [...(traces.get(traceId) ?? []), { service, name, attributes: attributesOf(attributes) }]);
      }
    }
  };
  const server = http.createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') {
      take(await json(request));
      response.end('{}');
    } else response.end(JSON.stringify(traces.get(request.url.slice(1)) ?? []));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
