/** Names of models that do something other than answering in text, as providers write them. */
const OTHER_USES =
  /embed|whisper|transcri|(^|[-_/])(tts|asr|ocr|bge|e5|gte|rerank\w*|moderation\w*|image|imagen|imagine|veo|lyria|sora|dall-e|audio|realtime|live|babbage|davinci|aqa)([-_/:.\d]|$)|stable-diffusion|(^|\/)flux|computer-use|deep-research/i

/** Whether a model answers in text, as far as its name says. */
export function isChatModel(id: string): boolean {
  return !OTHER_USES.test(id)
}
