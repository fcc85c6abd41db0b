import Testing

@testable import BusClients

@Suite struct MailboxTests {
    @Test func givesEverythingThereIs() async {
        let mailbox = Mailbox<Int>()
        mailbox.put([1])
        mailbox.put([2, 3])
        #expect(await mailbox.next() == [1, 2, 3])
        #expect(mailbox.isEmpty)
    }

    @Test func wakesOneWhoWaits() async {
        let mailbox = Mailbox<Int>()
        async let taken = mailbox.next()
        mailbox.put([7])
        #expect(await taken == [7])
    }

    @Test func endsForThoseWhoWaitAndThoseWhoCome() async {
        let mailbox = Mailbox<Int>()
        async let waiting = mailbox.next()
        mailbox.end()
        mailbox.put([1])
        #expect(await waiting == nil)
        #expect(await mailbox.next() == nil)
    }

    @Test func aCancelledTaskTakesNothing() async {
        let mailbox = Mailbox<Int>()
        let task = Task { await mailbox.next() }
        task.cancel()
        #expect(await task.value == nil)
        mailbox.put([1])
        #expect(await mailbox.next() == [1])
    }
}
