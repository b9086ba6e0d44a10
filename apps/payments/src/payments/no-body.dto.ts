import { IsEmpty } from 'class-validator';

/** For requests whose path says it all: a field, such as an amount to capture, is refused and not ignored. */
export class NoBodyDto {
  @IsEmpty()
  nothing?: never;
}
