import { Books } from './books.ts';
import { Deliveries } from './deliveries.ts';
import { sandboxServer } from './server.ts';

const { SANDBOX_STORE: file, HOST: host = '127.0.0.1', PORT: port = '8085', PUBLIC_URL: publicUrl } = process.env;
const { NOTIFY_URL: url, NOTIFY_SECRET: secret, SANDBOX_DAY_MS: dayMs = '86400000' } = process.env;

if (!file || (url && !secret) || !(Number(dayMs) > 0)) {
  process.stderr.write(
    'SANDBOX_STORE: the file of the sandbox provider is required; NOTIFY_SECRET with NOTIFY_URL; SANDBOX_DAY_MS > 0\n',
  );
  process.exit(78);
}

const onError = (error: unknown) => process.stderr.write(`${String(error)}\n`);
const books = new Books({ file, dayMs: Number(dayMs) });
const deliveries = new Deliveries(books, url && secret ? { url, secret } : null, onError);
const server = sandboxServer(books, { onError, publicUrl });
deliveries.start();
server.listen(Number(port), host, () => {
  process.stdout.write(`${JSON.stringify({ msg: 'sandbox provider listens', address: server.address(), file })}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => void deliveries.stop().then(() => books.close()));
    // Silent charges hold their connections open, and nobody waits for them any more.
    server.closeAllConnections();
  });
}
