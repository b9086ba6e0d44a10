import { Readable } from 'node:stream';
import multipart from '@fastify/multipart';
import type { MultipartFile } from '@fastify/multipart';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invalidRequest, Problem } from './problem.ts';

const MULTIPART = /^multipart\//i;

/** Marks a route that takes a file: as the whole body, or as the field `file` of a multipart form. */
export const TakesFile = (): MethodDecorator => RouteConfig({ takesFile: true });

export interface ReceivedFile {
  bytes: Buffer;
  /** What the sender says that it is, without parameters; empty when it does not say. */
  contentType: string;
  /** Only a form names its file. */
  name?: string;
}

/** Leaves the bodies of marked routes to `receiveFile`; of any other, what no parser takes is 415. */
export function readFileBodies(fastify: FastifyInstance): void {
  void fastify.register(multipart);
  fastify.addContentTypeParser('*', (request, payload, done) => {
    if (takesFile(request)) done(null, payload);
    else done(unsupported());
  });
  // The plugin has a parser of its own, for every route.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (MULTIPART.test(request.headers['content-type'] ?? '') && !takesFile(request)) done(unsupported());
    else done(null, payload);
  });
}

function takesFile({ routeOptions }: FastifyRequest): boolean {
  return (routeOptions.config as { takesFile?: boolean }).takesFile === true;
}

function unsupported(): Problem {
  return new Problem(415, 'unsupported_media_type', 'This route does not take this content type.');
}

/**
 * The file of a marked route, whole. Its bytes become the request's body, so that an Idempotency-Key stands for them.
 * @throws Problem 400 without a file, 413 beyond the limit, 415 for a body that is JSON
 */
export async function receiveFile(request: FastifyRequest, limitBytes: number): Promise<ReceivedFile> {
  const file = request.isMultipart() ? await fromForm(request, limitBytes) : await fromBody(request, limitBytes);
  if (file.bytes.length === 0) throw noFile();
  request.body = file.bytes;
  return file;
}

async function fromBody({ body, headers }: FastifyRequest, limitBytes: number): Promise<ReceivedFile> {
  if (body === undefined || body === null) throw noFile();
  if (!(body instanceof Readable)) throw unsupported();
  const declared = headers['content-length'];
  if (Number(declared ?? 0) > limitBytes) throw tooLarge(limitBytes);
  const contentType = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const bytes = declared === undefined ? await collected(body, limitBytes) : await filled(body, Number(declared));
  return { bytes, contentType };
}

/** Into one buffer from the start: a large file is never in memory twice. The HTTP parser keeps to the length. */
async function filled(body: Readable, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) size += chunk.copy(bytes, size);
  return bytes.subarray(0, size);
}

async function collected(body: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Exactly one part, named `file`: whatever else is in the form would be lost in silence. */
async function fromForm(request: FastifyRequest, limitBytes: number): Promise<ReceivedFile> {
  let file: ReceivedFile | undefined;
  try {
    for await (const part of request.parts({ limits: { fileSize: limitBytes, parts: 2, fieldSize: 1024 } })) {
      const isFile = part.type === 'file' && part.fieldname === 'file' && file === undefined;
      if (!isFile) throw invalidRequest([{ pointer: '', detail: 'must have one part, a file in the field "file"' }]);
      file = await fromPart(part);
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    if ((error as { statusCode?: number }).statusCode === 413) throw tooLarge(limitBytes);
    throw new Problem(400, 'invalid_request', 'The body is not a multipart form.', { cause: error });
  }
  if (!file) throw noFile();
  return file;
}

async function fromPart(part: MultipartFile): Promise<ReceivedFile> {
  const { filename: name, mimetype } = part;
  return { bytes: await part.toBuffer(), contentType: mimetype.toLowerCase(), ...(name ? { name } : {}) };
}

function noFile(): Problem {
  return invalidRequest([{ pointer: '', detail: 'must be a file' }]);
}

function tooLarge(limitBytes: number): Problem {
  return new Problem(413, 'payload_too_large', `The file may have at most ${limitBytes} bytes.`);
}
