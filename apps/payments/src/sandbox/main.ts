import { Charges } from './charges.ts';
import { sandboxServer } from './server.ts';

const { SANDBOX_STORE: store, HOST: host = '127.0.0.1', PORT: port = '8085' } = process.env;

if (!store) {
  process.stderr.write('SANDBOX_STORE: the file of the sandbox provider is required\n');
  process.exit(78);
}

const charges = new Charges(store);
const server = sandboxServer(charges, (error) => process.stderr.write(`${String(error)}\n`));
server.listen(Number(port), host, () => {
  process.stdout.write(`${JSON.stringify({ msg: 'sandbox provider listens', address: server.address(), store })}\n`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close(() => charges.close());
    // Silent charges hold their connections open, and nobody waits for them any more.
    server.closeAllConnections();
  });
}
