import CSystem

/// The machine code of this process: the program's and that of its shared libraries.
package enum ProgramText {
    /// Takes the code's pages off this process; those that are still needed come back from the file's cache, some at a
    /// time.
    ///
    /// A start touches most of the code, and the kernel maps sixteen pages around each: 6 of 24 MB of a metrics worker were
    /// of nothing but its start. Nothing is lost, as code is never written.
    package static func release() { flotilla_release_text() }
}
