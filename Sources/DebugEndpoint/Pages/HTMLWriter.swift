// Part of swift-debug-endpoint. SPDX-License-Identifier: Apache-2.0
import DebugVariables

/// A page without script: a heading, and what is written after it. It reads on a phone and in the dark.
struct HTMLWriter {
    private var writer = TextWriter()

    /// `style` is added to that of every page.
    init(title: String, style: String = "") {
        raw(
            """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>
            """)
        text(title)
        raw("</title>\n<style>\n\(Self.style)\n\(style)</style></head>\n<body>\n<h1>")
        text(title)
        raw("</h1>\n")
    }

    /// Markup as it stands; never for text that comes from the process.
    mutating func raw(_ markup: String) {
        writer.write(string: markup)
    }

    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": writer.write("&amp;")
            case "<": writer.write("&lt;")
            case ">": writer.write("&gt;")
            case "\"": writer.write("&quot;")
            default: writer.write(string: String(scalar))
            }
        }
    }

    /// Links where the phrase has some.
    mutating func phrase(_ phrase: Phrase) {
        for piece in phrase.pieces {
            switch piece {
            case .text(let words): text(words)
            case .link(let words, let kind, let id):
                raw("<a href=\"\(kind.path)?id=\(id)#\(kind.rawValue)-\(id)\">")
                text(words)
                raw("</a>")
            }
        }
    }

    mutating func finish() -> [UInt8] {
        raw("</body>\n</html>\n")
        return writer.finish()
    }

    private static let style = """
        :root { color-scheme: light dark }
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
        h1 { font-size: 1.2rem }
        table { border-collapse: collapse; width: 100% }
        th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884 }
        a { font-family: ui-monospace, monospace; white-space: nowrap }
        p { color: GrayText }
        """
}
