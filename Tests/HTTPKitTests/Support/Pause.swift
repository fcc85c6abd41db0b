import Glibc

/// Lets a blocking client be slow: part of what is tested, not a way to wait for something.
func pause(milliseconds: UInt32) {
    usleep(milliseconds * 1000)
}
