import { join } from 'node:path'

/** Where the parts of the embedded database stand below the data directory. */
export type Layout = {
  dataDir: string
  /** Belongs to the user that the database runs as, closed to all others. */
  home: string
  /** The cluster: what PostgreSQL calls its data directory. */
  cluster: string
  log: string
  /** The password of the TCP transport. */
  password: string
  /** Where the Unix socket stands, unless that path is too long, or closed to the user of the database. */
  socketDir: string
  /** Names the socket's directory when it stands elsewhere. */
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
