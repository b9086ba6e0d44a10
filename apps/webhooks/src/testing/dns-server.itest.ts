// A name server of a few lines, for tests of what a hostile one may answer.
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** `A 127.0.0.1`, `AAAA ::1`, `CNAME inside.test`: what one question is answered with; undefined: no answer at all. */
export type Zone = (name: string, type: 'A' | 'AAAA') => readonly string[] | undefined;

const types = { A: 1, CNAME: 5, AAAA: 28 } as const;

export class TestDnsServer {
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly zone: Zone,
  ) {
    socket.on('message', (query, { port, address }) => {
      const reply = this.answer(query);
      if (reply !== undefined) socket.send(reply, port, address);
    });
  }

  static async start(zone: Zone): Promise<TestDnsServer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new TestDnsServer(socket, zone);
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(resolve));
  }

  private answer(query: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1) === types.AAAA ? 'AAAA' : 'A';
    this.asked.push(`${labels.join('.').toLowerCase()} ${type}`);
    const records = this.zone(labels.join('.').toLowerCase(), type);
    if (records === undefined) return undefined;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, query.subarray(12, at + 5), ...chain(query.subarray(12, at + 1), records)]);
  }
}

/** Each record is of the name that the one before has led to. */
function chain(owner: Buffer, records: readonly string[]): Buffer[] {
  let of = owner;
  return records.map((record) => {
    const [type = '', value = ''] = record.split(' ');
    const data = type === 'CNAME' ? encodeName(value) : encodeAddress(value);
    const head = Buffer.alloc(10);
    head.writeUInt16BE(types[type as keyof typeof types], 0);
    head.writeUInt16BE(1, 2);
    head.writeUInt16BE(data.length, 8);
    const encoded = Buffer.concat([of, head, data]);
    if (type === 'CNAME') of = data;
    return encoded;
  });
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function encodeAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => text.split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = [...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, '0'));
  return Buffer.from(all.join(''), 'hex');
}
