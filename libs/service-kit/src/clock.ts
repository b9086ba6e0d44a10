import { Injectable } from '@nestjs/common';

/**
 * The only source of "now" for services, so that a test can hold time still. Domain code takes the instant as an
 * argument.
 */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }
}
