// A thread that posts at an even rate: autocannon's own rate comes in bursts, and the consumer being measured must not
// share its event loop with the client.
import { parentPort, workerData } from 'node:worker_threads';

const { url, headers, body, rate, seconds } = workerData;
const startedAt = performance.now();
const pending = [];
for (let n = 0; n < rate * seconds; n++) {
  const waitMs = startedAt + (n * 1_000) / rate - performance.now();
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  pending.push(
    fetch(url, { method: 'POST', headers, body }).then((answer) => answer.arrayBuffer().then(() => answer.ok)),
  );
}
const answers = await Promise.all(pending);
parentPort.postMessage({ refused: answers.filter((ok) => !ok).length });
