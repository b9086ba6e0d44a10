import type { Provider, Type } from '@nestjs/common';
import { Bai2Reader, CamtReader, Mt940Reader, OfxReader } from '../bank/bank-statement.reader.ts';
import { RemittanceReader } from '../remittances/remittance.reader.ts';
import { NachaReader } from '../returns/nacha.reader.ts';
import { ProcessorCsvReader, ProcessorJsonReader } from '../settlement/processor-report.reader.ts';
import type { FormatReader } from './format-reader.ts';

export const FORMAT_READERS = Symbol('FORMAT_READERS');

/** Every format that is read, most particular first: the first that detects its own takes the file. */
const readers: readonly Type<FormatReader>[] = [
  RemittanceReader,
  NachaReader,
  ProcessorCsvReader,
  ProcessorJsonReader,
  CamtReader,
  OfxReader,
  Bai2Reader,
  Mt940Reader,
];

/** For the module: the readers, and the list of them under {@link FORMAT_READERS}. */
export const formatReaders: readonly Provider[] = [
  ...readers,
  { provide: FORMAT_READERS, useFactory: (...all: FormatReader[]) => all, inject: [...readers] },
];
