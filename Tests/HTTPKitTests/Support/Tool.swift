import Glibc

/// Runs commands and reads what they wrote.
enum Tool {
    static func exist(_ names: String...) -> Bool {
        names.allSatisfy { access("/usr/bin/\($0)", X_OK) == 0 }
    }

    /// Runs a command of /usr/bin to its end, output dropped; throws when it fails.
    static func run(_ command: [String]) throws {
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in 0...2 as ClosedRange<Int32> {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        var process = pid_t()
        let status = posix_spawn(&process, "/usr/bin/\(command[0])", &actions, nil, arguments, environ)
        guard status == 0 else { throw ClientError.system("posix_spawn", status) }
        var exit: Int32 = 0
        waitpid(process, &exit, 0)
        guard exit == 0 else { throw ClientError.system(command[0], exit) }
    }

    static func temporaryFolder() throws -> String {
        var template = Array("/tmp/httpkit-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ClientError.system("mkdtemp", errno) }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func remove(_ folder: String) {
        for name in ["key", "certificate", "answer", "refusal"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    static func read(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw ClientError.system("open", errno) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }
}
