import { join } from 'node:path'

/** The files of the embedded database below the data directory. */
export type Layout = {
  dataDir: string
  /** Belongs to the user that the database runs as, closed to all others. */
  home: string
  /** The cluster: what PostgreSQL calls its data directory. */
  cluster: string
  log: string
  /** The password of the TCP transport. */
  password: string
  /** Directory of the Unix socket, unless that path is too long or not accessible to the database's user. */
  socketDir: string
  /** Contains the socket's directory if it is elsewhere. */
  socketDirRecord: string
}

export function layoutOf(dataDir: string): Layout {
  const home = join(dataDir, 'postgres')
  return {
    dataDir,
    home,
    cluster: join(home, 'cluster'),
    log: join(home, 'server.log'),
    password: join(home, 'password'),
    socketDir: join(home, 'socket'),
    socketDirRecord: join(home, 'socket-directory'),
  }
}
