import type { LiveConnection } from './live-connection.ts';

/** The open connections of a server, linked through themselves: a Set would cost each of them some 50 bytes. */
export class ConnectionList {
  private first: LiveConnection | undefined = undefined;
  size = 0;

  add(connection: LiveConnection): void {
    connection.next = this.first;
    if (this.first !== undefined) this.first.previous = connection;
    this.first = connection;
    this.size++;
  }

  /** Call it once for each connection that was added. */
  delete(connection: LiveConnection): void {
    const { previous, next } = connection;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    connection.previous = undefined;
    connection.next = undefined;
    this.size--;
  }

  /** All of them now, so that they may close while one goes through them. */
  toArray(): LiveConnection[] {
    const all: LiveConnection[] = [];
    for (let each = this.first; each !== undefined; each = each.next) all.push(each);
    return all;
  }
}
