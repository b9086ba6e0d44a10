// Which ports are free, and a clear word where one is not.
import net from 'node:net';

/** A free port of the loopback interface; hold `count` at once so that they differ. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = net.createServer().once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export const answers = (port, host = '127.0.0.1') =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Listening is the only proof: a port may be refused for other reasons than a listener that answers. */
const whyNot = (port) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) =>
      resolve(error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });

/**
 * Throws one error that lists every port that cannot be used, with the variable that moves it.
 * @param {{ port: number, what: string, variable: string }[]} wanted
 */
export async function checkPorts(wanted) {
  const found = await problemsOf(wanted);
  if (found.length) throw new Error(found.join('\n'));
}

/** Whether every one of them can be used. */
export const areFree = async (wanted) => (await problemsOf(wanted)).length === 0;

async function problemsOf(wanted) {
  const problems = await Promise.all(
    wanted.map(async ({ port, what, variable }) => {
      if (!Number.isInteger(port) || port < 1 || port > 65_535)
        return `${variable}: ${what} has no valid port (${port})`;
      const problem = (await answers(port)) ? 'is taken' : await whyNot(port);
      return problem && `port ${port} (${what}) ${problem}: set ${variable}, or stop what listens there`;
    }),
  );
  return problems.filter(Boolean);
}
