internal import HTTPKit

/// Why an account cannot be made or changed as asked.
package enum AccountError: Error, Sendable, Hashable {
    case invalidUsername
    case invalidEmail
    /// What the password lacks, in words.
    case weakPassword(String)
    case usernameTaken
    case emailTaken
    case unknownUser
    case unknownKey
    case wrongPassword
    /// A permission that nothing asks for, or with a `*` that is not at its end.
    case unknownPermission(String)

    /// A sentence for people.
    package var message: String {
        switch self {
        case .invalidUsername: "A username has 3 to 50 letters, digits, _ and -."
        case .invalidEmail: "The email address is not valid."
        case .weakPassword(let lack): "The password is too weak: it needs \(lack)."
        case .usernameTaken: "Username already registered"
        case .emailTaken: "Email already registered"
        case .unknownUser: "There is no such user."
        case .unknownKey: "There is no such key."
        case .wrongPassword: "Current password is incorrect"
        case .unknownPermission(let name): "There is no permission \(name)."
        }
    }

    var answer: HTTPError {
        switch self {
        case .unknownUser, .unknownKey: HTTPError(404, "not_found", message)
        default: HTTPError(400, "invalid_account", message)
        }
    }
}
