import { Injectable } from '@nestjs/common';
import { CurlBodies } from '@quittance/service-kit/http/curl-bodies';

/** Reads forms for the hosted page. */
@Injectable()
export class FormBodies extends CurlBodies {
  protected override read(url: string, body: string): unknown {
    return url === '/pay/:token' ? Object.fromEntries(new URLSearchParams(body)) : super.read(url, body);
  }
}
