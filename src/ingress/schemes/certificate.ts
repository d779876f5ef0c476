import { verify, X509Certificate } from 'node:crypto'
import { fetchDocument } from './documents.ts'
import { decode } from './encoding.ts'
import { failure, type Failure, type Outbound } from './scheme.ts'

/** A signature with the RSA key of a certificate that the sender names by its URL. */
export type CertificateSignature = {
  url: string
  /** Whether a URL leads to the provider: anybody can write a URL and own the certificate behind it. */
  isProviders: (url: URL) => boolean
  hash: 'sha1' | 'sha256'
  message: string
  /** In base64. */
  signature: string
  now: Date
  /** What is expected, for messages. */
  expected: string
}

/** Checks such a signature; undefined when it is valid. */
export async function checkCertificateSignature(
  { url, isProviders, hash, message, signature, now, expected }: CertificateSignature,
  outbound: Outbound,
): Promise<Failure | undefined> {
  if (!URL.canParse(url) || !isHttps(new URL(url)) || !isProviders(new URL(url))) {
    return failure('signature_invalid', expected, 'a certificate URL that does not belong to the provider')
  }
  const fetched = await fetchDocument(url, outbound)
  if (fetched === 'not found') {
    return failure('signature_invalid', expected, 'a certificate URL where the provider has no certificate')
  }
  if (fetched === 'unavailable') {
    return failure('keys_unavailable', expected, 'the certificate of the provider could not be fetched')
  }
  const certificate = parse(fetched.text)
  if (!certificate) {
    return failure('keys_unavailable', expected, 'a document that is not a certificate, from the provider')
  }
  if (now < new Date(certificate.validFrom) || now > new Date(certificate.validTo)) {
    return failure('signature_invalid', expected, 'a certificate that is not valid now')
  }
  const bytes = decode(signature, 'base64')
  return bytes !== undefined && verify(hash, Buffer.from(message), certificate.publicKey, bytes)
    ? undefined
    : failure('signature_invalid', expected, 'a signature that the certificate does not verify')
}

function isHttps({ protocol, port, username, password }: URL): boolean {
  return protocol === 'https:' && port === '' && username === '' && password === ''
}

function parse(text: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(text)
    return certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : undefined
  } catch {
    return undefined
  }
}
