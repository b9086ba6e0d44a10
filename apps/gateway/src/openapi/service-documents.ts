import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '@quittance/service-kit/clock';
import { Problem } from '@quittance/service-kit/http/problem';
import type { Service } from '../routes.ts';
import { routes } from '../routes.ts';
import type { ServiceDocuments } from './merge-openapi.ts';
import type { OpenApiDocument } from './openapi-document.ts';
import { mergeOpenApi, undocumentedRoutes } from './merge-openapi.ts';

const FRESH_MS = 60_000;
const FETCH_TIMEOUT_MS = 3_000;

/**
 * The merged document of what runs now, fetched when somebody asks. A document that lacks a service would be read as
 * "there is no such endpoint", so while one is away the last whole document is served, and without one 503.
 */
@Injectable()
export class ServiceDocumentsReader {
  private readonly logger = new Logger(ServiceDocumentsReader.name);
  private merged: { document: OpenApiDocument; atMs: number } | undefined;
  private merging: Promise<OpenApiDocument> | undefined;

  constructor(
    private readonly upstreams: Record<Service, string>,
    private readonly publicUrl: string | undefined,
    private readonly clock: Clock,
  ) {}

  async document(): Promise<OpenApiDocument> {
    const nowMs = this.clock.now().getTime();
    if (this.merged && nowMs - this.merged.atMs < FRESH_MS) return this.merged.document;
    this.merging ??= this.mergeNow(nowMs).finally(() => (this.merging = undefined));
    try {
      return await this.merging;
    } catch (error) {
      if (this.merged) return this.merged.document;
      const detail = 'The document needs every service, and one is not available.';
      throw new Problem(503, 'unavailable', detail, { retryAfter: 1, cause: error });
    }
  }

  private async mergeNow(nowMs: number): Promise<OpenApiDocument> {
    const entries = Object.entries(this.upstreams).map(async ([service, url]) => [service, await fetchDocument(url)]);
    const documents = Object.fromEntries(await Promise.all(entries)) as ServiceDocuments;
    const missing = undocumentedRoutes(documents, routes);
    if (missing.length > 0) this.logger.warn(`routes that no service documents: ${missing.join(', ')}`);
    const document = mergeOpenApi(documents, routes);
    if (this.publicUrl !== undefined) document.servers = [{ url: this.publicUrl }];
    this.merged = { document, atMs: nowMs };
    return document;
  }
}

async function fetchDocument(baseUrl: string): Promise<OpenApiDocument> {
  const url = new URL('/openapi.json', baseUrl);
  const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url.href} answered ${answer.status}`);
  return (await answer.json()) as OpenApiDocument;
}
