// Certificates for tests of TLS, made on the spot: Node reads and checks them, but makes none.
import { generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface TestCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

const day = 24 * 3_600_000;
const ecdsaWithSha256 = seq(oid('2a8648ce3d040302'));

/** A root of its own. Everything it issues is for 127.0.0.1 and partner.test. */
export class TestAuthority {
  private readonly keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  private readonly name = nameOf('test root');
  readonly certificate = this.issueFor(this.keys.publicKey, this.name, true, 365);

  issue({ days = 1 } = {}): TestCertificate {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { certificate: this.issueFor(keys.publicKey, nameOf('partner.test'), false, days), privateKey };
  }

  private issueFor(key: KeyObject, subject: Buffer, isRoot: boolean, days: number): string {
    const from = new Date(Date.now() - 2 * day);
    const validity = seq(utcTime(from), utcTime(new Date(Date.now() + days * day)));
    const names = seq(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('partner.test')));
    const extension = isRoot
      ? seq(oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, seq(der(0x01, Buffer.from([0xff])))))
      : seq(oid('551d11'), der(0x04, names));
    const serial = der(0x02, Buffer.from([1 + Math.floor(Math.random() * 120)]));
    const body = seq(
      ...[der(0xa0, der(0x02, Buffer.from([2]))), serial, ecdsaWithSha256, this.name, validity, subject],
      key.export({ type: 'spki', format: 'der' }),
      der(0xa3, seq(extension)),
    );
    const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, this.keys.privateKey)]));
    const base64 = seq(body, ecdsaWithSha256, signature).toString('base64');
    return `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  }
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

function seq(...contents: Buffer[]): Buffer {
  return der(0x30, ...contents);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function nameOf(commonName: string): Buffer {
  return seq(der(0x31, seq(oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function utcTime(at: Date): Buffer {
  return der(0x17, Buffer.from(`${at.toISOString().slice(2, 19).replace(/[-T:]/g, '')}Z`));
}
