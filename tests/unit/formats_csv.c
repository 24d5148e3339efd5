/* SPDX-License-Identifier: BSD-2-Clause */
/* Exports of Belgian and Dutch banks in CSV, by their headings or shape. */
#include "formats_bytes.h"

static const struct {
	const char *bank, *text, *told;
} rows[] = {
	{ "knab",
	    "KNAB EXPORT;;;;;;;;;;\n"
	    "Rekeningnummer;Transactiedatum;Valutacode;CreditDebet;Bedrag;"
	    "Tegenrekeningnummer;Tegenrekeninghouder;Valutadatum;Betaalwijze;"
	    "Omschrijving;Type betaling\n"
	    "\"NL20KNAB0000000001\";\"02-01-2026\";\"EUR\";\"D\";\"12,50\";"
	    "\"NL44RABO0123456789\";\"Jan\";\"02-01-2026\";\"iDEAL\";"
	    "\"schoenen\";\"x\"\n"
	    "\"NL20KNAB0000000001\";\"03-01-2026\";\"EUR\";\"C\";\"1.012,50\";"
	    "\"NL44RABO0123456789\";\"Piet\";\"03-01-2026\";\"Over\";\"loon\";"
	    "\"x\"\n",
	    "NL20KNAB0000000001|(null)|(null)|(null)|EUR|2026-01-02|2026-01-03|"
	    "2\n"
	    "2026-01-02 -12.50 [NL44RABO0123456789] [Jan] [schoenen]\n"
	    "2026-01-03 1012.50 [NL44RABO0123456789] [Piet] [loon]\n" },
	{ "bnp paribas fortis",
	    "Volgnummer;Uitvoeringsdatum;Valutadatum;Bedrag;Valuta "
	    "rekening;Rekeningnummer;Type verrichting;Tegenpartij;Naam van de "
	    "tegenpartij;Mededeling;Details;Status;Reden van weigering\n"
	    "2026-0003;05/01/2026;05/01/"
	    "2026;-20,00;EUR;BE68539007547034;Overschrijving;BE71096123456769;"
	    "BAKKER NV;factuur 3;DETAILS;Geaccepteerd;\n"
	    "2026-;05/01/2026;05/01/"
	    "2026;-999,00;EUR;BE68539007547034;Domiciliëring;BE71096123456769;"
	    "GAS NV;;DETAILS;Geweigerd;Onvoldoende saldo\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|"
	    "2\n"
	    "2026-01-05 -20.00 [BE71096123456769] [BAKKER NV] [factuur 3 "
	    "DETAILS]\n"
	    "2026-01-05 -999.00 [BE71096123456769] [GAS NV] [DETAILS] "
	    "unbooked\n" },
	{ "bnp paribas fortis french",
	    "Nº de séquence;Date d'exécution;Date valeur;Montant;Devise du "
	    "compte;Numéro de compte;Type de transaction;Contrepartie;Nom de "
	    "la contrepartie;Communication;Détails;Statut;Motif du refus\n"
	    "2026-0003;05/01/2026;05/01/"
	    "2026;-20,00;EUR;BE68539007547034;Virement;BE71096123456769;"
	    "BOULANGER SA;***090/9337/55493***;x;Accepté;\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|"
	    "1\n"
	    "2026-01-05 -20.00 [BE71096123456769] [BOULANGER SA] "
	    "[***090/9337/55493*** x]\n" },
	{ "crelan",
	    "Datum;Bedrag;Munt;Tegenpartij;Rekening tegenpartij;Type "
	    "verrichting;Mededeling\n"
	    "07/01/2026;-15,25;EUR;SLAGER BVBA;BE71 0961 2345 "
	    "6769;Overschrijving;worst\n",
	    "(null)|(null)|(null)|(null)|EUR|2026-01-07|2026-01-07|1\n"
	    "2026-01-07 -15.25 [BE71096123456769] [SLAGER BVBA] [worst]\n" },
	{ "keytrade",
	    "Extrait;Date;Date valeur;Compte;Description;Montant;Devise\n"
	    "2026001;07.01.2026;07.01.2026;BE71 0961 2345 6769;Virement de "
	    "X;100,00;EUR\n"
	    "2026002;08.01.2026;08.01.2026;BE62 5100 0754 7061;Virement à "
	    "Y;-1,00;EUR\n",
	    "(null)|(null)|(null)|(null)|EUR|2026-01-07|2026-01-08|2\n"
	    "2026-01-07 100.00 [BE71096123456769] [(null)] [Virement de X]\n"
	    "2026-01-08 -1.00 [BE62510007547061] [(null)] [Virement à Y]\n" },
	{ "revolut",
	    "Type,Product,Started Date,Completed "
	    "Date,Description,Amount,Fee,Currency,State,Balance\n"
	    "TOPUP,Current,2026-01-02 10:00:00,2026-01-02 "
	    "10:01:00,Top-up,100.00,0.00,EUR,COMPLETED,100.00\n"
	    "CARD_PAYMENT,Current,2026-01-03 10:00:00,2026-01-04 "
	    "10:01:00,Shop,-10.00,0.50,EUR,COMPLETED,89.50\n"
	    "CARD_PAYMENT,Current,2026-01-05 "
	    "10:00:00,,Shop,-7.00,0.00,EUR,PENDING,\n"
	    "EXCHANGE,Current,2026-01-05 10:00:00,2026-01-05 "
	    "10:01:00,Exchange,20.00,0.00,USD,COMPLETED,20.00\n",
	    "(null)|(null)|0.00|89.50|EUR|2026-01-02|2026-01-04|2\n"
	    "2026-01-02 100.00 [(null)] [(null)] [Top-up]\n"
	    "2026-01-04 -10.50 [(null)] [(null)] [Shop]\n"
	    "(null)|(null)|0.00|20.00|USD|2026-01-05|2026-01-05|1\n"
	    "2026-01-05 20.00 [(null)] [(null)] [Exchange]\n" },
	{ "triodos",
	    "\"02-01-2026\",\"NL39TRIO0123456789\",\"12,50\",\"Debet\","
	    "\"Winkel\",\"NL44RABO0123456789\",\"BA\",\"pinnen\",\"987,50\"\n"
	    "\"03-01-2026\",\"NL39TRIO0123456789\",\"100,00\",\"Credit\","
	    "\"Klant\",\"NL44RABO0123456789\",\"ET\",\"factuur "
	    "7\",\"1.087,50\"\n",
	    "NL39TRIO0123456789|(null)|1000.00|1087.50|(null)|2026-01-02|2026-"
	    "01-03|2\n"
	    "2026-01-02 -12.50 [NL44RABO0123456789] [Winkel] [pinnen]\n"
	    "2026-01-03 100.00 [NL44RABO0123456789] [Klant] [factuur 7]\n" },
	{ "asn",
	    "02-01-2026,NL81ASNB0123456789,NL44RABO0123456789,Winkel,,,,EUR,"
	    "1000.00,EUR,-12.50,02-01-2026,02-01-2026,8806,BEA,123,'','pinnen',"
	    "1\n"
	    "03-01-2026,NL81ASNB0123456789,NL44RABO0123456789,Klant,,,,EUR,987."
	    "50,EUR,100.00,03-01-2026,03-01-2026,8806,OVB,124,'','factuur',1\n",
	    "NL81ASNB0123456789|1|1000.00|1087.50|EUR|2026-01-02|2026-01-03|2\n"
	    "2026-01-02 -12.50 [NL44RABO0123456789] [Winkel] ['pinnen']\n"
	    "2026-01-03 100.00 [NL44RABO0123456789] [Klant] ['factuur']\n" },
	{ "ing belgium",
	    "Numéro de compte;Nom du compte;Compte partie adverse;Numéro de "
	    "mouvement;Date comptable;Date "
	    "valeur;Montant;Devise;Libellés;Détails du mouvement;Message\n"
	    "BE68 5390 0754 7034;Compte à "
	    "vue;BE71096123456769;1;05/01/2026;05/01/"
	    "2026;-20,00;EUR;Virement;détail;\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|"
	    "1\n"
	    "2026-01-05 -20.00 [BE71096123456769] [(null)] [Virement "
	    "détail]\n" },
	{ "ing netherlands",
	    "\"Date\",\"Name / "
	    "Description\",\"Account\",\"Counterparty\",\"Code\",\"Debit/"
	    "credit\",\"Amount (EUR)\",\"Transaction "
	    "type\",\"Notifications\",\"Resulting balance\",\"Tag\"\n"
	    "\"20260103\",\"Bakery\",\"NL69INGB0123456789\","
	    "\"NL44RABO0123456789\",\"BA\",\"Debit\",\"2,50\",\"Payment "
	    "terminal\",\"bread\",\"97,50\",\"\"\n"
	    "\"20260102\",\"Client\",\"NL69INGB0123456789\","
	    "\"NL44RABO0123456789\",\"GT\",\"Credit\",\"100,00\",\"Online "
	    "Banking\",\"invoice\",\"100,00\",\"\"\n",
	    "NL69INGB0123456789|(null)|0.00|97.50|EUR|2026-01-02|2026-01-03|"
	    "2\n"
	    "2026-01-03 -2.50 [NL44RABO0123456789] [Bakery] [bread]\n"
	    "2026-01-02 100.00 [NL44RABO0123456789] [Client] [invoice]\n" },
	{ "rabobank",
	    "\"IBAN/"
	    "BBAN\",\"Munt\",\"BIC\",\"Volgnr\",\"Datum\",\"Rentedatum\","
	    "\"Bedrag\",\"Saldo na trn\",\"Tegenrekening IBAN/BBAN\",\"Naam "
	    "tegenpartij\",\"Naam uiteindelijke partij\",\"Naam initiërende "
	    "partij\",\"BIC tegenpartij\",\"Code\",\"Batch "
	    "ID\",\"Transactiereferentie\",\"Machtigingskenmerk\",\"Incassant "
	    "ID\",\"Betalingskenmerk\",\"Omschrijving-1\",\"Omschrijving-2\","
	    "\"Omschrijving-3\",\"Reden retour\",\"Oorspr bedrag\",\"Oorspr "
	    "munt\",\"Koers\"\n"
	    "\"NL71RABO0123456789\",\"EUR\",\"RABONL2U\","
	    "\"000000000000000001\",\"2026-01-02\",\"2026-01-02\",\"-5,00\",\"+"
	    "95,00\",\"NL44RABO0123456780\",\"Winkel\",\"\",\"\",\"RABONL2U\","
	    "\"ba\",\"\",\"\",\"\",\"\",\"\",\"pinnen\",\"\",\"\",\"\",\"\","
	    "\"\",\"\"\n"
	    "\"NL71RABO0123456789\",\"EUR\",\"RABONL2U\","
	    "\"000000000000000002\",\"2026-01-03\",\"2026-01-03\",\"+10,00\","
	    "\"+105,00\",\"NL44RABO0123456780\",\"Klant\",\"\",\"\","
	    "\"RABONL2U\",\"cb\",\"\",\"\",\"\",\"\",\"\",\"factuur\",\"\","
	    "\"\",\"\",\"\",\"\",\"\"\n",
	    "NL71RABO0123456789|(null)|100.00|105.00|EUR|2026-01-02|2026-01-03|"
	    "2\n"
	    "2026-01-02 -5.00 [NL44RABO0123456780] [Winkel] [pinnen]\n"
	    "2026-01-03 10.00 [NL44RABO0123456780] [Klant] [factuur]\n" },
	{ "belfius",
	    "Boekingsdatum vanaf;01/01/2026\n"
	    "Laatste saldo;80,00 EUR\n"
	    ";\n"
	    "Rekening;Boekingsdatum;Rekeninguittrekselnummer;Transactienummer;"
	    "Rekening tegenpartij;Naam tegenpartij bevat;Straat en "
	    "nummer;Postcode en "
	    "plaats;Transactie;Valutadatum;Bedrag;Devies;BIC;Landcode;"
	    "Mededelingen\n"
	    "BE68 5390 0754 7034;06/01/2026;00002;00003;BE71 0961 2345 "
	    "6769;BAKKER;STR 1;1000 "
	    "BRUSSEL;OVERSCHRIJVING;06/01/2026;-20,00;EUR;GKCCBEBB;BE;x\n"
	    "BE68 5390 0754 7034;05/01/2026;00001;00002;BE71 0961 2345 "
	    "6769;KLANT;STR 1;1000 "
	    "BRUSSEL;STORTING;05/01/2026;100,00;EUR;GKCCBEBB;BE;y\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-06|"
	    "2\n"
	    "2026-01-06 -20.00 [BE71096123456769] [BAKKER] [OVERSCHRIJVING x]\n"
	    "2026-01-05 100.00 [BE71096123456769] [KLANT] [STORTING y]\n" },
	{ "argenta",
	    "Rekening;Boekdatum;Valutadatum;Referentie;Beschrijving;Bedrag;"
	    "Munt;Verrichtingsdatum;Rekening tegenpartij;Naam "
	    "tegenpartij;Mededeling\n"
	    "BE68 5390 0754 "
	    "7034;06-01-2026;06-01-2026;B6A1;Overschrijving;-20,00;EUR;06-01-"
	    "2026;BE71 0961 2345 6769;BAKKER;brood\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-06|2026-01-06|"
	    "1\n"
	    "2026-01-06 -20.00 [BE71096123456769] [BAKKER] [Overschrijving "
	    "brood]\n" },
	{ "n26",
	    "\"Date\",\"Payee\",\"Account number\",\"Transaction "
	    "type\",\"Payment reference\",\"Amount (EUR)\"\n"
	    "\"2026-01-05\",\"Shop\",\"DE89370400440532013000\",\"Outgoing\","
	    "\"x\",\"-5.0\"\n"
	    "\"2026-01-06\",\"Boss\",\"DE12500105170648489890\",\"Income\","
	    "\"y\",\"50.0\"\n",
	    "(null)|(null)|(null)|(null)|EUR|2026-01-05|2026-01-06|2\n"
	    "2026-01-05 -5.0 [DE89370400440532013000] [Shop] [x]\n"
	    "2026-01-06 50.0 [DE12500105170648489890] [Boss] [y]\n" },
	{ "n26 of today",
	    "\"Booking Date\",\"Value Date\",\"Partner Name\",\"Partner "
	    "Iban\",Type,\"Payment Reference\",\"Account Name\",\"Amount "
	    "(EUR)\",\"Original Amount\",\"Original Currency\",\"Exchange "
	    "Rate\"\n"
	    "2026-01-05,2026-01-05,Shop,DE89370400440532013000,Presentment,x,"
	    "Main,-5.0,5.0,EUR,1\n",
	    "(null)|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|1\n"
	    "2026-01-05 -5.0 [DE89370400440532013000] [Shop] [x]\n" },
	{ "argenta as it was",
	    "Nr v/d rekening :;BE68 5390 0754 7034;Silver\n"
	    "Valutadatum;Ref. v/d verrichting;Beschrijving;Bedrag v/d "
	    "verrichting;Munt;Datum v. verrichting;Rekening "
	    "tegenpartij;Naam v/d tegenpartij :;Mededeling 1 :;Mededeling 2 "
	    ":\n"
	    "06-01-2026;B6A1;Overschrijving;-20,00;EUR;05-01-2026;BE71 0961 "
	    "2345 6769;BAKKER;brood;wit\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|"
	    "1\n"
	    "2026-01-05 -20.00 [BE71096123456769] [BAKKER] [Overschrijving "
	    "brood wit]\n" },
	{ "ing savings",
	    "\"Datum\";\"Omschrijving\";\"Rekening\";\"Rekening "
	    "naam\";\"Tegenrekening\";\"Af "
	    "Bij\";\"Bedrag\";\"Valuta\";\"Mutatiesoort\";\"Mededelingen\";"
	    "\"Saldo na mutatie\"\n"
	    "\"2026-01-13\";\"Van "
	    "rekening\";\"A12345678\";\"Sparen\";\"NL20INGB0001234567\";"
	    "\"Bij\";\"50,00\";\"EUR\";\"Opname\";\"\";\"1.050,00\"\n",
	    "A12345678|(null)|1000.00|1050.00|EUR|2026-01-13|2026-01-13|1\n"
	    "2026-01-13 50.00 [NL20INGB0001234567] [(null)] [Van rekening]\n" },
	{ "kbc english, every line ended by CR",
	    "Account number;Heading;Name;Currency;Statement "
	    "number;Date;Description;Value "
	    "date;Amount;Balance;credit;debit;counterparty's account "
	    "number;Counterparty BIC;Counterparty name;Counterparty "
	    "address;standard-format reference;Free-format reference\r"
	    "BE68539007547034;   ;ACME;EUR;  02026002;05/01/2026;FEE;05/01/"
	    "2026;-3,40;219,95;   ;-3,40;   ;   ;   ;   ;   ;   \r"
	    "BE68539007547034;   ;ACME;EUR;  02026002;04/01/2026;PAID;04/01/"
	    "2026;-1,60;223,35;   ;-1,60;BE71 0961 2345 6769;K;BAKER;   "
	    ";   ;bread\r",
	    "BE68539007547034|2026002|224.95|219.95|EUR|2026-01-04|2026-01-05|"
	    "2\n"
	    "2026-01-05 -3.40 [(null)] [ACME] [FEE]\n"
	    "2026-01-04 -1.60 [BE71096123456769] [BAKER] [PAID bread]\n" },
	{ "hello bank",
	    "Sequence number;Execution date;Value date;Amount;Currency of the "
	    "account;COUNTERPARTY OF THE TRANSACTION;Details;Account number\n"
	    "2026-0001;05/01/2026;05/01/2026;-12,50;EUR;CARD PAYMENT;at "
	    "BAKER;BE68539007547034\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-05|2026-01-05|"
	    "1\n"
	    "2026-01-05 -12.50 [(null)] [CARD PAYMENT] [at BAKER]\n" },
	{ "abn amro with headings",
	    "accountNumber,mutationcode,transactiondate,valuedate,startsaldo,"
	    "endsaldo,amount,description\n"
	    "123456789,EUR,20260131,20260131,1000,914.5,-85.5,shop\n",
	    "123456789|(null)|1000.0|914.5|EUR|2026-01-31|2026-01-31|1\n"
	    "2026-01-31 -85.5 [(null)] [(null)] [shop]\n" },
	{ "axa, an account to each file",
	    "afschrift;datum verrichting;datum valuta;datum boeking;bedrag;"
	    "saldo rekening;omschrijving aard verrichting;"
	    "rekening begunstigde;tegenpartij;mededeling\n"
	    "3;02-01-2026;02-01-2026;02-01-2026;-10,00;990,00;transfer;"
	    "BE68539007547034;Jan;rent\n"
	    "3;03-01-2026;03-01-2026;03-01-2026;25,50;1015,50;transfer;"
	    ";Piet;back\n",
	    "(null)|3|1000.00|1015.50|(null)|2026-01-02|2026-01-03|2\n"
	    "2026-01-02 -10.00 [(null)] [Jan] [rent]\n"
	    "2026-01-03 25.50 [(null)] [Piet] [back]\n" },
	{ "dexia",
	    "Rekening;Boekingsdatum;Nummer afschrift;Transactienummer;"
	    "Rekening tegenpartij;Naam tegenpartij;Straat en nummer;"
	    "Postcode en localiteit;Transactie;Valutadatum;Bedrag;Muntcode\n"
	    "BE68539007547034;02/01/2026;4;9;;Jan;;;rent;02/01/2026;-10,00;"
	    "EUR\n",
	    "BE68539007547034|4|(null)|(null)|EUR|2026-01-02|2026-01-02|1\n"
	    "2026-01-02 -10.00 [(null)] [Jan] [rent]\n" },
	{ "dexia in french",
	    "Compte;Date de comptabilisation;Num\xc3\xa9ro sur extrait de "
	    "compte;Compte contrepartie;Nom et adresse contrepartie;"
	    "Communication;Date valeur;Montant;Code devise\n"
	    "BE68539007547034;02/01/2026;4;;Jan;rent;02/01/2026;-10,00;EUR\n",
	    "BE68539007547034|(null)|(null)|(null)|EUR|2026-01-02|2026-01-02|"
	    "1\n"
	    "2026-01-02 -10.00 [(null)] [Jan] [rent]\n" },
	{ "argenta, netherlands",
	    "REKENINGNUMMER;TEN LASTE VAN;BOEKDATUM;VALUTADATUM;BEDRAG;"
	    "MUNT V/D REKENING;BEGUNSTIGDE;BEGUNSTIGDE REKENING;"
	    "MUTATIE OMSCHRIJVING;REGEL 1\n"
	    "12.20.66.123;JAN;13-1-2026;13-1-2026;-6,85;EUR;Shop;;PAID;x\n",
	    "12.20.66.123|(null)|(null)|(null)|EUR|2026-01-13|2026-01-13|1\n"
	    "2026-01-13 -6.85 [(null)] [Shop] [PAID x]\n" },
	{ "abn amro with points",
	    "123456789\tEUR\t20260131\t1000.00\t914.50\t20260131\t-85.50\t"
	    "shop\n",
	    "123456789|(null)|1000.00|914.50|EUR|2026-01-31|2026-01-31|1\n"
	    "2026-01-31 -85.50 [(null)] [(null)] [shop]\n" },
	{ "abn amro with the iban",
	    "NL20ABNA0123456789\tEUR\t20260131\t1000,00\t914,50\t20260131\t"
	    "-85,50\tshop\n",
	    "NL20ABNA0123456789|(null)|1000.00|914.50|EUR|2026-01-31|"
	    "2026-01-31|1\n"
	    "2026-01-31 -85.50 [(null)] [(null)] [shop]\n" },
	{ "rabobank before it had headings",
	    "\"NL44RABO0123456789\",\"EUR\",\"20260102\",\"D\",\"10.00\","
	    "\"NL20INGB0001234567\",\"KPN\",\"20260103\",\"ei\",\"\",\"bill\","
	    "\"7\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"\n"
	    "\"NL44RABO0123456789\",\"EUR\",\"20260104\",\"C\",\"1150.25\","
	    "\"NL20INGB0001234567\",\"X\",\"20260104\",\"cb\",\"\",\"pay\","
	    "\"\","
	    "\"\",\"\",\"\",\"\",\"\",\"\",\"\"\n",
	    "NL44RABO0123456789|(null)|(null)|(null)|EUR|2026-01-03|2026-01-04|"
	    "2\n"
	    "2026-01-03 -10.00 [NL20INGB0001234567] [KPN] [bill 7]\n"
	    "2026-01-04 1150.25 [NL20INGB0001234567] [X] [pay]\n" },
};

static char *
told(const struct pl_facts *facts)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < facts->statements->len; i++) {
		const struct pl_statement *s = facts->statements->pdata[i];

		g_string_append_printf(text, "%s|%s|%s|%s|%s|%s|%s|%u\n",
		    s->account, s->sequence, s->opening_balance,
		    s->closing_balance, s->currency, s->from, s->to,
		    s->lines->len);
		for (guint k = 0; k < s->lines->len; k++) {
			const struct pl_line *l = s->lines->pdata[k];

			g_string_append_printf(text, "%s %s [%s] [%s] [%s]%s\n",
			    l->date, l->amount, l->counterparty_account,
			    l->counterparty_name, l->communication,
			    l->unbooked ? " unbooked" : "");
		}
	}
	return g_string_free(text, FALSE);
}

static void
the_exports_of_banks_are_known(void **state)
{
	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(rows[i].text);
		g_autofree char *ours = told(facts);

		if (facts->format != PL_FORMAT_CSV || facts->damaged)
			fail_msg("%s: %s", rows[i].bank, facts->problem);
		if (strcmp(ours, rows[i].told) != 0)
			fail_msg("%s: %s", rows[i].bank, ours);
		for (guint k = 0; k < facts->statements->len; k++)
			assert_null(
			    ((struct pl_statement *)facts->statements->pdata[k])
				->problem);
	}
}

static void
months_may_have_names_and_lines_be_blank(void **state)
{
	g_autoptr(pl_facts) facts =
	    facts_of_text("Account balance: ,5.00\n"
			  "Date,Transactions,Debits,Credits,Balance\n\n"
			  "04 Nov 2025,Direct debit,18.75,,81.25\n"
			  "06 November 2025,Interest,,1.00,82.25\n");
	g_autofree char *ours = told(facts);

	(void)state;
	assert_string_equal(ours,
	    "(null)|(null)|100.00|82.25|(null)|2025-11-04|2025-11-06|2\n"
	    "2025-11-04 -18.75 [(null)] [(null)] [Direct debit]\n"
	    "2025-11-06 1.00 [(null)] [(null)] [Interest]\n");
}

/* ---- as the configuration says */

static char *
mapped(const char *columns, const char *text)
{
	g_autoptr(pl_facts) facts =
	    pl_facts_read((const guint8 *)text, strlen(text), columns);

	if (facts->damaged)
		return g_strdup(facts->problem);
	return told(facts);
}

static void
headings_of_other_banks_are_those_of_the_configuration(void **state)
{
	static const char text[] = "Konto A|exported today\n\n"
				   "Boekdag;Partij;Waarde (EUR);Stand;Info\n"
				   "02-01-26;Anna;1.000;1.000,00;loan\n"
				   "03-01-26;Bert;-1,50;998,50;bread\n";
	g_autofree char *without = mapped(NULL, text);
	g_autofree char *other = mapped("date:Day amount:Waarde", text);
	g_autofree char *with =
	    mapped("date:Day amount:Waarde | date:boekdag amount:Waarde "
		   "counterparty:Partij balance:Stand text:Info decimal:comma",
		text);

	(void)state;
	assert_string_equal(without, "");
	assert_string_equal(other, "");
	assert_string_equal(with,
	    "(null)|(null)|0.00|998.50|(null)|2026-01-02|2026-01-03|2\n"
	    "2026-01-02 1000 [(null)] [Anna] [loan]\n"
	    "2026-01-03 -1.50 [(null)] [Bert] [bread]\n");
}

static void
numbers_of_columns_need_lines_that_fit(void **state)
{
	static const char columns[] =
	    "date:1 text:2 debit:3 credit:4 columns:5 dates:mdy "
	    "delimiter:comma decimal:point";
	g_autofree char *fits = mapped(columns,
	    "01/31/2026,Rent,\"1,200.50\",,x\n02/01/2026,Pay,,\"2,000\",x\n");
	g_autofree char *longer =
	    mapped(columns, "01/31/2026,Rent,1.00,,x,y\n");
	g_autofree char *words = mapped(columns, "a,b,c,d,e\nf,g,h,i,j\n");
	g_autofree char *broken =
	    mapped("date:Day amount:Sum", "Day;Sum\n1/2/26;1\n2/2/26;x\n");

	(void)state;
	assert_string_equal(fits,
	    "(null)|(null)|(null)|(null)|(null)|2026-01-31|2026-02-01|2\n"
	    "2026-01-31 -1200.50 [(null)] [(null)] [Rent]\n"
	    "2026-02-01 2000 [(null)] [(null)] [Pay]\n");
	assert_string_equal(longer, "");
	assert_string_equal(words, "");
	assert_true(g_str_has_prefix(
	    broken, "CSV: line 3: amount \"x\" cannot be read"));
}

/* Every word that the configuration takes has a meaning here. */
static void
every_role_has_its_place_in_a_line(void **state)
{
	g_autofree char *all =
	    mapped("date:A amount:B fee:C sign:D status:E account:F currency:G "
		   "counterparty-account:H counterparty:I reference:J text:K "
		   "balance:L sequence:M dates:ymd",
		"A;B;C;D;E;F;G;H;I;J;K;L;M\n"
		"26-01-31;5,00;1,00;C;;BE68539007547034;EUR;BE71096123456769;"
		"Anna;090933755493;hello;104,00;7\n"
		"26-02-01;9,00;;D;refused;BE68539007547034;EUR;;Bert;;;;7\n");

	(void)state;
	assert_string_equal(all,
	    "BE68539007547034|7|100.00|104.00|EUR|2026-01-31|2026-02-01|2\n"
	    "2026-01-31 4.00 [BE71096123456769] [Anna] "
	    "[+++090/9337/55493+++]\n"
	    "2026-02-01 -9.00 [(null)] [Bert] [(null)] unbooked\n");
}

static void
other_lists_are_no_statements(void **state)
{
	static const char *const texts[] = {
		"Date;Invoice;Customer;Amount;Name;Description\n"
		"05/01/2026;7;12;100,00;ACME;shoes\n",
		"Datum;Bedrag;Saldo;Omschrijving\n\n\n",
		"Date,Article,Amount,Balance\nstock,1,2,3\n",
	};

	(void)state;
	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(pl_facts) facts = facts_of_text(texts[i]);

		assert_int_equal(facts->format, PL_FORMAT_UNKNOWN);
		assert_false(facts->damaged);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exports_of_banks_are_known),
		cmocka_unit_test(months_may_have_names_and_lines_be_blank),
		cmocka_unit_test(
		    headings_of_other_banks_are_those_of_the_configuration),
		cmocka_unit_test(numbers_of_columns_need_lines_that_fit),
		cmocka_unit_test(every_role_has_its_place_in_a_line),
		cmocka_unit_test(other_lists_are_no_statements),
	};

	return cmocka_run_group_tests_name("formats_csv", tests, NULL, NULL);
}
